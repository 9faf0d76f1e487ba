"""One organization and what its user and a worker do to it, straight through the database's functions."""

import itertools
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from app.core.security import new_token, token_hash
from tests.support.database import Database
from tests.support.session import Session

_serial = itertools.count(1)
_PASSWORD_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

_FACTS = """
select i.status,
       (select count(*) from rubis.activity_event as e
         where e.organization_id = i.organization_id and e.invoice_id = i.invoice_id
           and e.kind = 'invoice_paid') as paid_events,
       (select coalesce(sum(r.delta), 0) from rubis.rubis_entry as r
         where r.organization_id = i.organization_id and r.invoice_id = i.invoice_id) as rubis,
       (select count(*) from rubis.checkin_task as t
         where t.organization_id = i.organization_id and t.invoice_id = i.invoice_id
           and t.status = 'answered') as answered,
       (select count(*) from rubis.checkin_task as t
         where t.organization_id = i.organization_id and t.invoice_id = i.invoice_id
           and t.status in ('scheduled', 'queued', 'sending', 'sent')) as live_checkins,
       (select count(*) from rubis.relance as r
         where r.organization_id = i.organization_id and r.invoice_id = i.invoice_id
           and r.status in ('scheduled', 'held', 'queued', 'sending', 'unconfirmed')) as relances_ahead
  from rubis.invoice as i
 where i.invoice_id = %s
"""


@dataclass(frozen=True)
class Facts:
    """What became of an invoice, counted in the tables."""

    status: str
    paid_events: int
    rubis: int
    answered: int
    live_checkins: int
    relances_ahead: int


class Flow:
    """An organization of its own, with a user who is signed in."""

    def __init__(self, database: Database, email: str | None = None) -> None:
        self.database = database
        self.email = email or f"user{next(_serial)}@{secrets.token_hex(3)}.example"
        self.access = secrets.token_bytes(32)
        self.refresh = secrets.token_bytes(32)
        self.api = database.api()
        self.worker = database.worker()
        session = self.api.call(
            "api.register",
            p_email=self.email,
            p_password_hash=_PASSWORD_HASH,
            p_full_name="Camille Durand",
            p_organization_name="Studio Camille",
            p_locale="fr",
            p_access_token_hash=self.access,
            p_access_expires_in=timedelta(days=9999),
            p_refresh_token_hash=self.refresh,
            p_refresh_expires_in=timedelta(days=9999),
        )
        self.organization_id: int = session["organization"]["organization_id"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.api.connection.close()
        self.worker.connection.close()

    def reconnect(self, database: Database) -> None:
        """Go on in the same database, after its server was away."""
        self.database = database
        self.api = database.api()
        self.worker = database.worker()

    def call(self, function: str, /, **params: Any) -> Any:
        """Call an `api` function as this user."""
        return self.api.call(function, p_access_token_hash=self.access, **params)

    def issue(self, **changes: Any) -> int:
        """Issue an invoice whose due date has passed, so that it is asked about in a minute; its id."""
        return self.issue_as(self.api, **changes)

    def issue_as(self, session: Session, **changes: Any) -> int:
        """The same over a session of rubis_api's."""
        params = {
            "p_client_id": None,
            "p_client_name": "Boulangerie Martin",
            "p_client_email": "compta@boulangerie.example",
            "p_number": f"F-{next(_serial)}",
            "p_issued_on": "2026-01-02",
            "p_due_on": "2026-02-01",
            "p_amount_cents": 120_000,
            "p_currency": "EUR",
            **changes,
        }
        document = session.call("api.create_invoice", p_access_token_hash=self.access, **params)
        invoice_id: int = document["invoice_id"]
        return invoice_id

    def queue(self) -> None:
        """Let all that was just issued become due, and be queued."""
        self.database.clock.advance(minutes=2)
        self.tick()

    def tick(self) -> Any:
        """One turn of a worker's clock."""
        return self.worker.call("worker.tick", p_worker="a worker of the test", p_limit=500)

    def begin(self, invoice_id: int) -> tuple[bytes, int]:
        """Begin to mail the queued check-in of an invoice: its token's hash, and the mail's id."""
        hashed = token_hash(new_token())
        begun = self.begin_as(self.worker, invoice_id, hashed)
        assert begun["skip_reason"] is None, begun
        return hashed, begun["checkin_mail_id"]

    def begin_as(self, session: Session, invoice_id: int, hashed: bytes) -> Any:
        """The same over a session of rubis_worker's, whatever comes of it."""
        return session.call(
            "worker.begin_checkin_send",
            p_organization_id=self.organization_id,
            p_checkin_task_id=self.task(invoice_id)["checkin_task_id"],
            p_token_hash=hashed,
        )

    def finish(self, mail_id: int, session: Session | None = None) -> Any:
        """Record that a mail was accepted."""
        return (session or self.worker).call(
            "worker.finish_checkin_send",
            p_organization_id=self.organization_id,
            p_checkin_mail_id=mail_id,
            p_message_id=f"<{mail_id}@rubis.example>",
        )

    def fail(self, mail_id: int, failure_class: str, session: Session | None = None) -> Any:
        """Record that a mail failed."""
        return (session or self.worker).call(
            "worker.fail_checkin_send",
            p_organization_id=self.organization_id,
            p_checkin_mail_id=mail_id,
            p_failure_class=failure_class,
            p_failure_detail="as the test has it",
        )

    def asked(self, **changes: Any) -> tuple[int, bytes]:
        """An invoice whose check-in mail was accepted just now: its id, and the hash of the mail's token."""
        invoice_id = self.issue(**changes)
        self.queue()
        hashed, mail_id = self.begin(invoice_id)
        self.finish(mail_id)
        return invoice_id, hashed

    def asked_twice(self) -> tuple[int, bytes, bytes]:
        """The same with two mails: the first one's worker had not come back before its lease ran out."""
        invoice_id = self.issue()
        self.queue()
        first, first_mail = self.begin(invoice_id)
        self.database.clock.advance(minutes=4)
        self.tick()
        self.queue()
        second, second_mail = self.begin(invoice_id)
        self.finish(second_mail)
        self.finish(first_mail)
        return invoice_id, first, second

    def answer(self, hashed: bytes, answer: str, session: Session | None = None) -> str:
        """Click a link; the outcome."""
        outcome: str = (session or self.api).call(
            "api.answer_checkin", p_token_hash=hashed, p_answer=answer, p_user_agent=None
        )
        return outcome

    def press(self, hashed: bytes, answer: str, session: Session | None = None) -> str:
        """Press an answer's button on the page; the outcome."""
        outcome: str = (session or self.api).call(
            "api.confirm_checkin", p_token_hash=hashed, p_answer=answer, p_user_agent=None
        )
        return outcome

    def undo(self, hashed: bytes, session: Session | None = None) -> str:
        """Press the button that takes the answer back; the outcome."""
        outcome: str = (session or self.api).call("api.undo_checkin", p_token_hash=hashed, p_user_agent=None)
        return outcome

    def task(self, invoice_id: int) -> dict[str, Any]:
        """The latest check-in of an invoice, as its row is."""
        return self.database.admin.row(
            "select * from rubis.checkin_task where invoice_id = %s order by checkin_task_id desc limit 1",
            [invoice_id],
        )

    def facts(self, invoice_id: int) -> Facts:
        """What the tables say of an invoice."""
        return Facts(**self.database.admin.row(_FACTS, [invoice_id]))

    def kinds(self, invoice_id: int) -> list[str]:
        """The kinds of its activity events, oldest first."""
        query = "select kind from rubis.activity_event where invoice_id = %s order by activity_event_id"
        return [row["kind"] for row in self.database.admin.rows(query, [invoice_id])]
