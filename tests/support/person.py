"""A user of a running stack: acts over real HTTP, and reads the mail that a real worker sends."""

import re
import secrets
from datetime import timedelta
from types import TracebackType
from typing import Any, Protocol, Self

import httpx

from tests.support.cast import Cast
from tests.support.database import Database
from tests.support.mails import is_receipt
from tests.support.smtp import Mail, Peer
from tests.support.waiting import until
from tests.support.web_line import Http, body


class Served(Protocol):
    """What a person needs of a stack, or of a site."""

    database: Database
    peer: Peer

    @property
    def url(self) -> str:
        """Where the API is."""

    def a_minute_passes(self) -> None:
        """What was just issued with a due date behind it is now due."""


class Person:
    """The user of an organization of its own, and the user's mailbox. A context manager."""

    def __init__(self, stack: Served, locale: str = "fr") -> None:
        self.stack = stack
        self.line = Http(stack.url, stack.database)
        self.email = f"ana.{secrets.token_hex(4)}@{secrets.token_hex(3)}.example"
        self.cast = Cast(self.line, now=None, name="Atelier Petit", locale=locale, email=self.email)
        self.secrets: list[str] = []
        self._keep_secrets()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.line.close()

    @property
    def browser(self) -> httpx.Client:
        """Sends any request, as this user; follows no redirect."""
        return self.line.client

    @property
    def password(self) -> str:
        """The user's."""
        return self.line.password

    def log_in(self) -> None:
        """Sign in again."""
        self.line.use(self.post("auth/login", {"email": self.email, "password": self.password}))
        self._keep_secrets()

    def refresh(self) -> None:
        """Exchange the refresh token."""
        self.line.use(self.post("auth/refresh"))
        self._keep_secrets()

    def prove_address(self) -> None:
        """Ask for the mail that proves the address, and press the button of its page."""
        received = len(self._proofs())
        self.post("me/verify-email")
        link = until(lambda: self._proofs()[received:] or None, "no mail to prove the address")[-1]
        assert self.browser.post(link).headers["location"].endswith("/verify-email/proven")

    def get(self, path: str) -> Any:
        """What the API says at this path of /api/v1."""
        return self.line.request("GET", f"/api/v1/{path}")

    def post(self, path: str, body: Any = None) -> Any:
        """Do something; what the API says to it."""
        return self.line.request("POST", f"/api/v1/{path}", body)

    def patch(self, path: str, body: Any) -> Any:
        """Change something; what the API says to it."""
        return self.line.request("PATCH", f"/api/v1/{path}", body)

    def invoice_body(self, **changes: Any) -> Any:
        """A body of POST invoices; due yesterday, on the database's clock."""
        today = self.stack.database.clock.now().date()
        dates = {"issued_on": today - timedelta(days=31), "due_on": today - timedelta(days=1)}
        return body(self.cast.facts(**(dates | changes)))

    def issue(self, **changes: Any) -> dict[str, Any]:
        """Issue an invoice that was due yesterday; its document."""
        invoice: dict[str, Any] = self.post("invoices", self.invoice_body(**changes))
        return invoice

    def mails(self, count: int) -> list[Mail]:
        """The check-in mails received, once there are so many."""
        return until(
            lambda: mails if len(mails := self._questions()) >= count else None,
            lambda: f"{len(self._questions())} check-in mails instead of {count}",
        )

    def asked(self, **changes: Any) -> tuple[dict[str, Any], Mail]:
        """An invoice that is due, and the mail that asks about it, which may not be recorded as sent yet."""
        received = len(self._questions())
        invoice = self.issue(**changes)
        self.stack.a_minute_passes()
        return invoice, self.mails(received + 1)[-1]

    def wait_until_sent(self, invoice: dict[str, Any]) -> dict[str, Any]:
        """Return the invoice once the mail of its latest check-in is recorded as accepted."""

        def look() -> dict[str, Any] | None:
            current: dict[str, Any] = self.get(f"invoices/{invoice['invoice_id']}")
            return current if current["checkin"]["status"] == "sent" else None

        return until(look, "the mail is not recorded")

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
        return self.cast.rubis()

    def _proofs(self) -> list[str]:
        mails = self.stack.peer.to(self.email)
        return [link for mail in mails for link in re.findall(r"\S+/verify-email/\S+", mail.text)]

    def _questions(self) -> list[Mail]:
        return [mail for mail in self.stack.peer.to(self.email) if mail.questions]

    def _keep_secrets(self) -> None:
        self.secrets += [self.line.signed_in["access_token"], *self.line.client.cookies.values()]
