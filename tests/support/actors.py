"""What each actor does to one organization: the user, the worker, who clicks, a DBA."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from psycopg import sql
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from tests.support.history import History
from tests.support.line import Line, Token

DUE_ON = date(2026, 3, 20)


class Actor(History):
    """Acts on one organization, over a line."""

    line: Line
    access: bytes
    """The hash of the user's access token."""
    usual: dict[str, Any]
    """The facts of an invoice that a test does not give."""
    numbers: Iterator[int]

    def public(self, function: str, /, **params: Any) -> Any:
        """Call an api function as rubis_api, its parameters named without `p_`."""
        return self.line.call(f"api.{function}", **params)

    def api(self, function: str, /, **params: Any) -> Any:
        """The same, with the user's access token."""
        return self.public(function, access_token_hash=self.access, **params)

    def worker(self, function: str, /, **params: Any) -> Any:
        """Call a worker function as rubis_worker."""
        return self.line.call(f"worker.{function}", **params)

    def dba(self, statement: str, *params: Any, **named: Any) -> list[DictRow]:
        """Run a plain statement as the owner."""
        with self.line.acting("rubis_owner") as session:
            cursor = session.execute(statement, params or named or None)
            return cursor.fetchall() if cursor.description else []

    @staticmethod
    def json(value: Any) -> Jsonb:
        """A jsonb parameter."""
        return Jsonb(value)

    def facts(self, **changes: Any) -> dict[str, Any]:
        """The facts of an invoice to be: the parameters of api.create_invoice, each number once."""
        return {
            "client_id": None,
            "client_name": "Dupont SARL",
            "client_email": "compta@dupont.test",
            "number": f"F-{next(self.numbers):04}",
            "issued_on": date(2026, 3, 1),
            "due_on": DUE_ON,
            "amount_cents": 120_000,
            "currency": "EUR",
            **self.usual,
            **changes,
        }


class User(Actor):
    """The user who issues invoices."""

    def issue(self, **changes: Any) -> Any:
        """Issue an invoice through the API; returns its document."""
        return self.api("create_invoice", **self.facts(**changes))

    def invoice(self, **changes: Any) -> int:
        """The same; returns its invoice_id."""
        invoice_id: int = self.issue(**changes)["invoice_id"]
        return invoice_id

    def document(self, invoice_id: int) -> Any:
        """The invoice as the API shows it."""
        return self.api("get_invoice", invoice_id=invoice_id)

    def answer(self, invoice_id: int, answer: str) -> str:
        """Answer the check-in in the app; returns the outcome."""
        outcome: str = self.api("answer_invoice_checkin", invoice_id=invoice_id, answer=answer)["outcome"]
        return outcome

    def rubis(self) -> int:
        """The organization's rubis, as its user sees them."""
        rubis: int = self.api("get_me")["organization"]["rubis"]
        return rubis


class Clicker(Actor):
    """Who follows the links of a mail and presses the buttons of its page."""

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


class Worker(Actor):
    """The worker, as far as check-ins go; what it does with letters is in `tests.support.letters`."""

    def tick(self, limit: int = 500, name: str = "test:1") -> DictRow:
        """One tick: {queued, recovered, expired, next_due_in}."""
        moved: DictRow = self.worker("tick", worker=name, limit=limit)
        return moved

    def begin(self, invoice_id: int) -> DictRow:
        """Begin to mail the latest check-in of an invoice; `token` is the one in its links."""
        token = Token.new()
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
        """The mail was not accepted, or its fate is unknown."""
        self.worker(
            "fail_checkin_send",
            organization_id=self.organization_id,
            checkin_mail_id=begun["checkin_mail_id"],
            failure_class=failure_class,
            failure_detail=detail,
        )

    def queue(self, invoice_id: int) -> None:
        """Wait until the check-in is due, and tick; does nothing if it is queued already."""
        due_at = self.task(invoice_id)["next_attempt_at"]
        if due_at is not None:
            self.line.clock.wait_until(due_at)
            self.tick()

    def sending(self, invoice_id: int) -> DictRow:
        """Wait until the check-in is due, unless it is queued already, and begin to mail it."""
        self.queue(invoice_id)
        begun = self.begin(invoice_id)
        assert begun["skip_reason"] is None, begun
        return begun

    def ask(self, invoice_id: int) -> Token:
        """Wait until the check-in is due, and mail it; returns the token in its links."""
        begun = self.sending(invoice_id)
        self.finish(begun)
        token: Token = begun["token"]
        return token

    def bring(self, invoice_id: int, status: str) -> DictRow:
        """Let the check-in come to this status, as time and the worker do; returns the attempt, if any."""
        if status == "scheduled":
            return {}
        if status == "queued":
            self.queue(invoice_id)
            return {}
        begun = self.sending(invoice_id)
        if status == "failed":
            self.fail(begun, "refused")
        elif status != "sending":
            self.finish(begun)
        if status == "expired":
            self.line.clock.advance(hours=24)
            self.tick()
        assert self.task(invoice_id)["status"] == status
        return begun


class Dba(Actor):
    """A DBA at the tables."""

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
