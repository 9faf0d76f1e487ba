"""The whole of Rubis: the API and a worker as processes, an SMTP server, and people who use them."""

import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.support.database import Database
from tests.support.mails import is_receipt
from tests.support.ports import free_port, wait_for_port
from tests.support.program import Program, until
from tests.support.smtp import Mail, Peer, smtp_peer

WEB_URL = "https://web.rubis.example"
_serial = itertools.count(1)


class Stack:
    """What runs, and where."""

    def __init__(self, database: Database, peer: Peer, api: Program, worker: Program, url: str) -> None:
        self.database = database
        self.peer = peer
        self.api = api
        self.worker = worker
        self.url = url

    def a_minute_passes(self) -> None:
        """What was just issued with a due date behind it is now due."""
        self.database.clock.advance(minutes=1, seconds=1)


class Person:
    """Somebody with a browser and an account of their own. Follows no redirect. A context manager."""

    def __init__(self, stack: Stack, locale: str = "fr") -> None:
        self.stack = stack
        self.email = f"ana{next(_serial)}@{secrets.token_hex(3)}.example"
        self.password = secrets.token_urlsafe(18)
        self.browser = httpx.Client(base_url=stack.url, timeout=30)
        self.secrets: list[str] = []
        answer = self.browser.post(
            "/api/v1/auth/register",
            json={
                "email": self.email,
                "password": self.password,
                "full_name": "Ana Petit",
                "organization_name": "Atelier Petit",
                "locale": locale,
            },
        )
        assert answer.status_code == 201, answer.text
        self._use(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.browser.close()

    def log_in(self) -> None:
        """Sign in anew."""
        self._use(
            self.browser.post("/api/v1/auth/login", json={"email": self.email, "password": self.password})
        )

    def refresh(self) -> None:
        """Exchange the refresh token."""
        self._use(self.browser.post("/api/v1/auth/refresh"))

    def get(self, path: str) -> Any:
        """What the API says at this path of /api/v1."""
        answer = self.browser.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None) -> Any:
        """Do something; what the API says to it."""
        answer = self.browser.post(f"/api/v1/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def patch(self, path: str, body: Any) -> Any:
        """Change something; what the API says to it."""
        answer = self.browser.patch(f"/api/v1/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def issue(self, **changes: Any) -> dict[str, Any]:
        """Issue an invoice that was due yesterday."""
        invoice: dict[str, Any] = self.post("invoices", invoice_body(**changes))
        return invoice

    def mails(self, count: int) -> list[Mail]:
        """The check-in mails received, once there are so many."""
        return until(
            lambda: mails if len(mails := self._questions()) >= count else None,
            lambda: f"{len(self._questions())} check-in mails instead of {count}",
        )

    def asked(self, **changes: Any) -> tuple[dict[str, Any], Mail]:
        """An invoice that is due, and the mail that asks about it."""
        received = len(self._questions())
        invoice = self.issue(**changes)
        self.stack.a_minute_passes()
        return invoice, self.mails(received + 1)[-1]

    def receipts(self, invoice: dict[str, Any], count: int = 1) -> list[Mail]:
        """The receipts of an invoice's answers, once there are so many."""

        def look() -> list[Mail]:
            received = filter(is_receipt, self.stack.peer.to(self.email))
            return [mail for mail in received if f" {invoice['number']}," in mail.message["Subject"]]

        return until(
            lambda: mails if len(mails := look()) >= count else None,
            lambda: f"{len(look())} receipts instead of {count}",
        )

    def timeline(self, invoice: dict[str, Any]) -> list[tuple[str, str | None]]:
        """Kind and label of the activity events of an invoice, oldest first."""
        items = self.get(f"invoices/{invoice['invoice_id']}/timeline")["items"]
        return [(item["kind"], item["label"]) for item in items[::-1]]

    def rubis(self) -> int:
        """How many have been earned."""
        earned: int = self.get("me")["organization"]["rubis"]
        return earned

    def _questions(self) -> list[Mail]:
        return [mail for mail in self.stack.peer.to(self.email) if mail.links]

    def _use(self, answer: httpx.Response) -> None:
        assert answer.is_success, answer.text
        token = answer.json()["access_token"]
        self.browser.headers["Authorization"] = f"Bearer {token}"
        self.secrets += [token, *self.browser.cookies.values()]


def invoice_body(**changes: Any) -> dict[str, Any]:
    """A body of POST invoices; due yesterday."""
    today = date.today()  # noqa: DTZ011  any day near now will do
    return {
        "client": {"name": "Dupont SARL", "email": "compta@dupont.example"},
        "number": f"F-{next(_serial)}",
        "issued_on": str(today - timedelta(days=31)),
        "due_on": str(today - timedelta(days=1)),
        "amount_cents": 120_000,
        "currency": "EUR",
        **changes,
    }


@contextmanager
def running_stack(database: Database, folder: Path, **changes: str) -> Iterator[Stack]:
    """Everything, ready to use."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with smtp_peer() as peer:
        environment = database.environment(
            **{
                "PORT": str(port),
                "APP_URL": url,
                "WEB_URL": WEB_URL,
                "MAIL_DRIVER": "smtp",
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": str(peer.port),
                "TICK_SECONDS": "0.1",
                "LIMIT_SIGN_IN": "1000/minute",
                "LIMIT_INVALID_TOKEN": "1000/minute",
                "LOG_LEVEL": "debug",
                **changes,
            }
        )
        with Program("api", environment, folder) as api, Program("worker", environment, folder) as worker:
            wait_for_port(port)
            worker.wait_for("worker_started")
            yield Stack(database, peer, api, worker, url)
