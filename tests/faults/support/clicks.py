"""People who click links as the mails arrive, and click again when they are not told what became of it."""

import random
import threading
import time
from dataclasses import dataclass
from typing import Literal, Self

import httpx

from tests.faults.support.site import Site
from tests.support.smtp import Mail
from tests.support.stack import WEB_URL

Answer = Literal["paid", "pending"]


@dataclass
class Click:
    """One link of one mail, and what the API said to it in the end."""

    mail: Mail
    answer: Answer
    tries: int = 0
    outcome: str | None = None


class Clickers:
    """A thread that clicks some of the mails while they arrive. A context manager: ends with it.

    Each question has one answer, which is clicked until it is acknowledged: a 302 to the page of an outcome.
    """

    def __init__(self, site: Site, rng: random.Random, share: float) -> None:
        """`share`: how many of the mails are clicked, 0 to 1."""
        self.clicks: list[Click] = []
        self.statuses: dict[int, int] = {}
        self.lost = 0
        self.faults: list[str] = []
        self._site = site
        self._rng = rng
        self._share = share
        self._seen = 0
        self._answers: dict[tuple[str, str], Answer] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)

    @property
    def acknowledged(self) -> list[Click]:
        """The clicks that were answered."""
        return [click for click in self.clicks if click.outcome is not None]

    def click_the_rest(self) -> None:
        """After the thread has ended: click every mail not clicked yet, and all that was not acknowledged."""
        clicked = {click.mail.token for click in self.clicks}
        self.clicks += [
            Click(mail, self._answer(mail))
            for mail in self._site.peer.mails
            if mail.links and mail.token not in clicked
        ]
        with httpx.Client(timeout=30) as browser:
            for click in self.clicks:
                if click.outcome is None:
                    self._click(browser, click)

    def _run(self) -> None:
        with httpx.Client(timeout=10) as browser:
            while not self._stop.is_set():
                self._look()
                open_clicks = [click for click in self.clicks if click.outcome is None]
                for click in open_clicks[:20]:
                    if not self._click(browser, click):
                        break
                time.sleep(0.05)

    def _look(self) -> None:
        mails = self._site.peer.mails
        while self._seen < len(mails):
            mail = mails[self._seen]
            self._seen += 1
            if mail.links and self._rng.random() < self._share:
                self.clicks.append(Click(mail, self._answer(mail)))

    def _answer(self, mail: Mail) -> Answer:
        """A question that was mailed twice is answered the same way twice: no user thinks again here."""
        question = (mail.recipients[0], str(mail.message["Subject"]))
        return self._answers.setdefault(question, self._rng.choice(("paid", "pending")))

    def _click(self, browser: httpx.Client, click: Click) -> bool:
        click.tries += 1
        try:
            answer = browser.get(click.mail.links[click.answer])
        except httpx.TransportError:
            self.lost += 1
            time.sleep(0.1)
            return False
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        if answer.status_code == 503:
            if "retry-after" not in answer.headers:
                self.faults.append("503 without Retry-After")
            time.sleep(0.1)
            return False
        if answer.status_code != 302:
            self.faults.append(f"{answer.status_code}: {answer.text[:200]}")
            click.outcome = "failed"
        else:
            click.outcome = answer.headers["location"].removeprefix(f"{WEB_URL}/checkin/")
        return True
