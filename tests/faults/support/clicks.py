"""People who click links as the mails arrive, and click again when they are not told what became of it."""

import random
import threading
import time
from dataclasses import dataclass
from typing import Literal, Self

import httpx

from tests.faults.support.site import Site
from tests.support.smtp import Question
from tests.support.stack import WEB_URL

Answer = Literal["paid", "pending"]


@dataclass
class Click:
    """One link of one question, and what the API said to it in the end."""

    question: Question
    answer: Answer
    tries: int = 0
    outcome: str | None = None


class Clickers:
    """A thread that answers some of the questions while they arrive. A context manager: ends with it.

    Each question has one answer, which is clicked until it is acknowledged: a 302 to the page of an outcome.
    """

    def __init__(self, site: Site, rng: random.Random, share: float) -> None:
        """`share`: how many of the questions are answered, 0 to 1."""
        self.clicks: list[Click] = []
        self.statuses: dict[int, int] = {}
        self.lost = 0
        self.faults: list[str] = []
        self._site = site
        self._rng = rng
        self._share = share
        self._seen = 0
        self._answers: dict[str, Answer] = {}
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
        """After the thread has ended: answer all not answered yet, and all that was not acknowledged."""
        clicked = {click.question.token for click in self.clicks}
        self.clicks += [
            Click(question, self._answer(question))
            for mail in self._site.peer.mails
            for question in mail.questions
            if question.token not in clicked
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
            for question in mails[self._seen].questions:
                if self._rng.random() < self._share:
                    self.clicks.append(Click(question, self._answer(question)))
            self._seen += 1

    def _answer(self, question: Question) -> Answer:
        """A question that was mailed twice is answered the same way twice: no user thinks again here."""
        return self._answers.setdefault(question.number, self._rng.choice(("paid", "pending")))

    def _click(self, browser: httpx.Client, click: Click) -> bool:
        click.tries += 1
        try:
            answer = browser.get(click.question.links[click.answer])
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
