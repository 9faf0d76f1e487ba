"""An organization's story as it happens: its user, the worker, a click, a DBA, each with its own rights."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg import sql
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from tests.support.history import History
from tests.support.session import Session

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""When stories begin: a Monday, 10:00 in Paris."""

DUE_ON = date(2026, 3, 20)
ASKED_AT = datetime(2026, 3, 20, 8, tzinfo=UTC)
"""09:00 in Paris on that day."""

LIVE = ("scheduled", "queued", "sending", "sent")
AHEAD = ("scheduled", "held", "queued", "sending", "unconfirmed")


class Story(History):
    """One organization in Paris with one user, signed in; time stands at `now`, and runs on if None."""

    def __init__(
        self,
        session: Session,
        *,
        now: datetime | str | None = NOW,
        name: str = "Atelier Rubis",
        **settings: Any,
    ) -> None:
        super().__init__(session)
        self.access = secrets.token_bytes(32)
        self._numbers = 0
        if now is not None:
            session.clock.set(now)
        signed_in = self.public(
            "register",
            email=f"{secrets.token_hex(6)}@atelier.test",
            password_hash="$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
            full_name="Camille Martin",
            organization_name=name,
            locale="fr",
            access_token_hash=self.access,
            access_expires_in=timedelta(days=3650),
            refresh_token_hash=secrets.token_bytes(32),
            refresh_expires_in=timedelta(days=3650),
        )
        self.organization_id: int = signed_in["organization"]["organization_id"]
        self.user_id: int = signed_in["user"]["user_id"]
        self.email: str = signed_in["user"]["email"]
        if settings:
            self.settings(**settings)

    def public(self, function: str, /, **params: Any) -> Any:
        """Call an api function as rubis_api, its parameters named without `p_`."""
        with self._as("rubis_api"):
            return self.session.call(f"api.{function}", **_prefixed(params))

    def api(self, function: str, /, **params: Any) -> Any:
        """The same, with the user's access token."""
        return self.public(function, access_token_hash=self.access, **params)

    def worker(self, function: str, /, **params: Any) -> Any:
        """Call a worker function as rubis_worker."""
        with self._as("rubis_worker"):
            return self.session.call(f"worker.{function}", **_prefixed(params))

    def raises(
        self, sqlstate: str, constraint: str | None = None, column: str | None = None
    ) -> AbstractContextManager[None]:
        """Within: exactly this error, in a savepoint."""
        return self.session.raises(sqlstate, constraint, column)

    def now(self) -> datetime:
        """What the database's clock says."""
        return self.session.clock.now()

    @staticmethod
    def json(value: Any) -> Jsonb:
        """A jsonb parameter."""
        return Jsonb(value)

    # The user

    def facts(self, **changes: Any) -> dict[str, Any]:
        """The parameters of api.create_invoice, each number once."""
        self._numbers += 1
        return {
            "client_id": None,
            "client_name": "Dupont SARL",
            "client_email": "compta@dupont.test",
            "number": f"F-{self._numbers:04}",
            "issued_on": date(2026, 3, 1),
            "due_on": DUE_ON,
            "amount_cents": 120_000,
            "currency": "EUR",
        } | changes

    def invoice(self, **changes: Any) -> int:
        """Issue an invoice through the API; returns its invoice_id."""
        invoice_id: int = self.api("create_invoice", **self.facts(**changes))["invoice_id"]
        return invoice_id

    def document(self, invoice_id: int) -> Any:
        """The invoice as the API shows it."""
        return self.api("get_invoice", invoice_id=invoice_id)

    def click(self, token: bytes, answer: str = "paid", user_agent: str | None = "Firefox") -> str:
        """Click a link; returns the outcome."""
        outcome: str = self.public("answer_checkin", token_hash=token, answer=answer, user_agent=user_agent)
        return outcome

    def press(self, token: bytes, answer: str = "paid", user_agent: str | None = "Firefox") -> str:
        """Press an answer's button on the page; returns the outcome."""
        outcome: str = self.public("confirm_checkin", token_hash=token, answer=answer, user_agent=user_agent)
        return outcome

    def undo(self, token: bytes, user_agent: str | None = "Firefox") -> str:
        """Press the button that takes the answer back; returns the outcome."""
        outcome: str = self.public("undo_checkin", token_hash=token, user_agent=user_agent)
        return outcome

    def look(self, token: bytes) -> Any:
        """What the page shows; None if there is none."""
        return self.public("look_at_checkin", token_hash=token)

    def rubis(self) -> int:
        """The organization's rubis, as its user sees them."""
        rubis: int = self.api("get_me")["organization"]["rubis"]
        return rubis

    # The worker

    def tick(self, limit: int = 500) -> DictRow:
        """One tick: {queued, recovered, expired, next_due_in}."""
        moved: DictRow = self.worker("tick", worker="test:1", limit=limit)
        return moved

    def begin(self, invoice_id: int) -> DictRow:
        """Begin to mail the latest check-in of an invoice; with `token`, the hash in its links."""
        token = secrets.token_bytes(32)
        begun = self.worker(
            "begin_checkin_send",
            organization_id=self.organization_id,
            checkin_task_id=self.task(invoice_id)["checkin_task_id"],
            token_hash=token,
        )
        return {**begun, "token": token}

    def finish(self, begun: DictRow) -> None:
        """The mail was accepted."""
        self.worker(
            "finish_checkin_send",
            organization_id=self.organization_id,
            checkin_mail_id=begun["checkin_mail_id"],
            message_id=f"<{begun['checkin_mail_id']}@rubis.test>",
        )

    def fail(self, begun: DictRow, failure_class: str, detail: str = "as the test wants it") -> None:
        """The mail was not accepted, or nobody knows."""
        self.worker(
            "fail_checkin_send",
            organization_id=self.organization_id,
            checkin_mail_id=begun["checkin_mail_id"],
            failure_class=failure_class,
            failure_detail=detail,
        )

    def sending(self, invoice_id: int) -> DictRow:
        """Wait until the check-in is due, unless it is queued already, and begin to mail it."""
        self.bring(invoice_id, "queued")
        begun = self.begin(invoice_id)
        assert begun["skip_reason"] is None
        return begun

    def ask(self, invoice_id: int) -> bytes:
        """Wait until the check-in is due, and mail it; returns the hash in its links."""
        begun = self.sending(invoice_id)
        self.finish(begun)
        token: bytes = begun["token"]
        return token

    def bring(self, invoice_id: int, status: str) -> DictRow:
        """Let the check-in come to this status, as time and the worker do; returns the attempt, if any."""
        if status == "scheduled":
            return {}
        if status == "queued":
            due_at = self.task(invoice_id)["next_attempt_at"]
            if due_at is not None:
                self.session.clock.set(max(self.now(), due_at))
                self.tick()
            return {}
        begun = self.sending(invoice_id)
        if status == "failed":
            self.fail(begun, "refused")
        elif status != "sending":
            self.finish(begun)
        if status == "expired":
            self.session.clock.advance(hours=24)
            self.tick()
        assert self.task(invoice_id)["status"] == status
        return begun

    # A DBA

    def dba(self, statement: str, *params: Any, **named: Any) -> list[DictRow]:
        """Run a plain statement as the owner."""
        with self._as("rubis_owner"):
            cursor = self.session.execute(statement, params or named or None)
            return cursor.fetchall() if cursor.description else []

    def settings(self, **columns: Any) -> None:
        """UPDATE the organization's row."""
        self._write("update rubis.organization set {changes} where organization_id = {organization}", columns)

    def update(self, invoice_id: int, **columns: Any) -> None:
        """UPDATE an invoice's row."""
        self._write(
            "update rubis.invoice set {changes} where organization_id = {organization} and invoice_id = {id}",
            columns,
            invoice_id,
        )

    def insert(self, **columns: Any) -> int:
        """INSERT an invoice's row with no more than a DBA would write; returns its invoice_id."""
        facts = self.facts(**columns)
        client_id = facts.pop("client_id") or self.client(facts["client_name"], facts["client_email"])
        row = {name: value for name, value in facts.items() if not name.startswith("client_")}
        row |= {"organization_id": self.organization_id, "client_id": client_id}
        statement = sql.SQL("insert into rubis.invoice ({}) values ({}) returning invoice_id").format(
            sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(map(sql.Literal, row.values()))
        )
        invoice_id: int = self.dba(statement.as_string())[0]["invoice_id"]
        return invoice_id

    def client(self, name: str = "Dupont SARL", email: str | None = "compta@dupont.test") -> int:
        """The client of that name and address, made if new; returns its client_id."""
        client_id: int = self.dba(
            "select rubis.find_or_create_client(%s, %s, %s) as client_id", self.organization_id, name, email
        )[0]["client_id"]
        return client_id

    @contextmanager
    def _as(self, role: str) -> Iterator[None]:
        """In production each call is a transaction of its own, and inherits no user from the one before."""
        self.session.execute("select set_config('rubis.user_id', '', true)")
        with self.session.acting_as(role):
            yield

    def _write(self, statement: str, columns: dict[str, Any], invoice_id: int = 0) -> None:
        changes = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value))
            for name, value in columns.items()
        )
        self.dba(
            sql.SQL(statement)
            .format(
                changes=changes, organization=sql.Literal(self.organization_id), id=sql.Literal(invoice_id)
            )
            .as_string()
        )


def populated(session: Session, name: str, first: Callable[[Any, str], None] | None = None) -> Story:
    """An organization with a row in every table, this name in every text of it; its last draft is pending.

    Letters and mails to users only if `first`, which begins its story, writes them.
    """
    story = Story(session, now=None, name=name)
    if first is not None:
        first(story, name)
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
    batch = story.api("create_import_batch", drafts=story.json(drafts))
    invoice_id = story.api(
        "validate_import_draft",
        import_batch_id=batch["import_batch_id"],
        import_draft_id=batch["drafts"][0]["import_draft_id"],
    )["invoice_id"]
    story.click(story.ask(invoice_id), "paid")
    story.update(invoice_id, status="open")
    story.api("ask_checkin_again", invoice_id=invoice_id)
    story.ask(invoice_id)
    return story


def _prefixed(params: dict[str, Any]) -> dict[str, Any]:
    return {f"p_{name}": value for name, value in params.items()}
