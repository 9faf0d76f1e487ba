"""The cast of the tests: an organization with its user, the worker, who clicks, and a DBA.

Each acts with its own rights, over a line: `Transaction(tx)`, `Connections(database)` or
`Http(url, database)`.
"""

import copy
import itertools
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from tests.support.actors import Clicker, Dba, User, Worker
from tests.support.database import Database
from tests.support.line import Connections, Line, Over, Token
from tests.support.session import Clock, Session

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""When time stands still: a Monday, 10:00 in Paris."""

ASKED_AT = datetime(2026, 3, 20, 8, tzinfo=UTC)
"""When the usual invoice is asked about: 09:00 in Paris on its due date."""

OVERDUE = {"issued_on": "2026-01-02", "due_on": "2026-02-01"}
"""Facts of an invoice that is asked about a minute after it was issued, on a clock that runs."""

LIVE = ("scheduled", "held", "sending", "sent")
AHEAD = ("scheduled", "held", "sending", "unconfirmed")

_TALLY = """
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
           and t.status = any (%s)) as live_checkins,
       (select count(*) from rubis.relance as r
         where r.organization_id = i.organization_id and r.invoice_id = i.invoice_id
           and r.status = any (%s)) as relances_ahead
  from rubis.invoice as i
 where i.organization_id = %s and i.invoice_id = %s
"""


@dataclass(frozen=True)
class Tally:
    """What became of an invoice, counted in the tables."""

    status: str
    paid_events: int
    rubis: int
    answered: int
    live_checkins: int
    relances_ahead: int


class Cast(User, Clicker, Worker, Dba):
    """One organization in Paris with one user, signed in. Time stands at `now`; it runs if that is None.

    `usual` are the facts of its invoices that a test does not give; the rest are columns of its row. So that
    a story may ask and write often, 100 mails of questions a day are allowed, and letters to one address need
    no days between them.
    """

    def __init__(
        self,
        line: Line,
        *,
        now: datetime | str | None = NOW,
        name: str = "Atelier Rubis",
        locale: str = "fr",
        email: str | None = None,
        usual: dict[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(line.reader)
        self.line = line
        self.usual = usual or {}
        self.numbers = itertools.count(1)
        self.tokens = {}
        if now is not None:
            self.clock.set(now)
        self.access, signed_in = line.register(
            email=email or f"{secrets.token_hex(6)}@atelier.test",
            full_name="Camille Martin",
            organization_name=name,
            locale=locale,
        )
        self.organization_id: int = signed_in["organization"]["organization_id"]
        self.user_id: int = signed_in["user"]["user_id"]
        self.email: str = signed_in["user"]["email"]
        self.settings(**{"question_mails_per_day": 100, "client_spacing_days": 0, **settings})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()

    @property
    def clock(self) -> Clock:
        """Sets and moves the time that all read."""
        return self.line.clock

    def now(self) -> datetime:
        """What the database's clock says."""
        return self.clock.now()

    def reconnect(self, line: Line) -> None:
        """Go on over another line: the old one's server was away."""
        self.line, self.session = line, line.reader

    def over(self, session: Session) -> Self:
        """The same cast over one session that a test has opened, with that session's rights."""
        other = copy.copy(self)
        other.line = Over(session, self.line.reader)
        return other

    def raises(
        self, sqlstate: str, constraint: str | None = None, column: str | None = None
    ) -> AbstractContextManager[None]:
        """Within: exactly this error, in a savepoint. For a transaction."""
        return self.session.raises(sqlstate, constraint, column)

    def asked(self, **changes: Any) -> tuple[int, Token]:
        """An invoice whose check-in mail was accepted just now: its id, and the token in the mail."""
        invoice_id = self.invoice(**changes)
        return invoice_id, self.ask(invoice_id)

    def asked_twice(self) -> tuple[int, Token, Token]:
        """The same with two mails: the first one's worker came back after its lease had run out."""
        invoice_id = self.invoice()
        first = self.sending(invoice_id)
        self.clock.advance(minutes=4)
        self.tick()
        second = self.sending(invoice_id)
        self.finish(second)
        self.finish(first)
        return invoice_id, first["token"], second["token"]

    def tally(self, invoice_id: int) -> Tally:
        """What became of an invoice."""
        params = [list(LIVE), list(AHEAD), self.organization_id, invoice_id]
        return Tally(**self.session.row(_TALLY, params))


def connected(database: Database, email: str | None = None) -> Cast:
    """A cast over connections, on a clock that runs; each invoice is asked about a minute after its issue."""
    return Cast(Connections(database), now=None, usual=OVERDUE, email=email)


def populated(line: Line, name: str, first: Callable[[Any, str], None] | None = None) -> Cast:
    """An organization with a row in every table, this name in every text of it; its last draft is pending.

    Letters and mails to users only if `first`, which comes before all else, writes them.
    """
    cast = Cast(line, now=None, name=name)
    if first is not None:
        first(cast, name)
    drafts = [
        {
            "number": f"{name}-{position}",
            "client_name": f"{name} SARL",
            "client_email": f"{name}@clients.test",
            "issued_on": "2026-03-01",
            "due_on": "2026-03-20",
            "amount_cents": 100,
            "currency": "EUR",
        }
        for position in (1, 2)
    ]
    batch = cast.api("create_import_batch", drafts=cast.json(drafts))
    invoice_id = cast.api(
        "validate_import_draft",
        import_batch_id=batch["import_batch_id"],
        import_draft_id=batch["drafts"][0]["import_draft_id"],
    )["invoice_id"]
    cast.click(cast.ask(invoice_id), "paid")
    cast.update(invoice_id, status="open")
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    cast.ask(invoice_id)
    cast.api("put_letter_wording", tone="courteous", locale="fr", opening=f"{name} écrit.", request=None)
    return cast
