"""What each actor does to one organization: the user, the worker, who clicks, a DBA."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from psycopg import sql
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from app.core.security import new_token
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
    tokens: dict[int, Token]
    """The latest token in a mail about each invoice."""

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
    """The worker: its ticks, and the mails of questions. Letters and notices: `tests.support.letters`."""

    def tick(self, limit: int = 500, name: str = "test:1") -> DictRow:
        """One round: each organization that has something due takes its turn, and mails are queued.

        Returns {queued, recovered, expired}. An organization whose tick fails fails the test.
        """
        due = self.worker("due_organizations", worker=name, limit=1000)
        moved = Counter({"queued": 0, "recovered": 0, "expired": 0})
        mails = []
        for organization_id in due["organizations"]:
            turn = self.worker("tick_organization", organization_id=organization_id, limit=limit)
            mails += turn.pop("mails")
            if turn.pop("failed", None):
                raise AssertionError(
                    self.session.value(
                        "select failure_detail from rubis.agenda where organization_id = %s",
                        [organization_id],
                    )
                )
            moved.update(turn)
        if mails:
            moved.update(self.worker("queue_mails", mails=self.json(mails)))
        return dict(moved)

    def due_in(self) -> float | None:
        """In how many seconds the next organization has something due."""
        seconds: float | None = self.worker("due_organizations", worker="test:1", limit=1)["next_due_in"]
        return seconds

    def begin_mail(self, mail_id: int) -> DictRow:
        """Begin an attempt of a mail, whatever it is: what `worker.begin_mails` says of it.

        `tokens` are those of its items by position, from 1; `skip_reason` is None unless it was skipped.
        """
        tokens = [Token.new() for _ in range(51)]
        (begun,) = self.worker(
            "begin_mails",
            mails=self.json([[self.organization_id, mail_id]]),
            message_ids=[f"<{mail_id}.{new_token()}@rubis.test>"],
            token_hashes=tokens,
        )
        items = begun.get("items") or []
        return {
            "skip_reason": None,
            **begun,
            "tokens": {item["position"]: tokens[item["token"] - 1] for item in items},
        }

    def begin(self, invoice_id: int) -> DictRow:
        """Begin the queued mail of the user's questions.

        Beside what it says, what its item about this invoice says, and `token`, the one in that item's links.
        """
        mail = self.queued_mail(invoice_id)
        if mail is None:
            return {"skip_reason": f"no mail is queued, check-in is {self.task(invoice_id)['status']}"}
        begun = self.begin_mail(mail["mail_id"])
        for item in begun.get("items") or []:
            self.tokens[item["invoice_id"]] = begun["tokens"][item["position"]]
            if item["invoice_id"] == invoice_id:
                begun = {**item, **begun, "token": begun["tokens"][item["position"]]}
        return begun

    def queued_mail(self, invoice_id: int) -> DictRow | None:
        """The queued mail of the questions of the user of an invoice."""
        rows = self.session.rows(
            "select m.* from rubis.mail as m join rubis.invoice as i using (organization_id, user_id)"
            " where m.organization_id = %s and i.invoice_id = %s"
            " and m.kind = 'questions' and m.status = 'queued'",
            [self.organization_id, invoice_id],
        )
        return rows[0] if rows else None

    def finish(self, begun: DictRow, **text: str) -> None:
        """The mail was accepted; of a letter, with its subject and body."""
        attempt = {name: begun[name] for name in ("organization_id", "mail_id", "attempt")}
        self.worker("finish_mails", results=self.json([attempt | text]))

    def fail(
        self, begun: DictRow, failure_class: str, detail: str = "as the test wants it", **text: str
    ) -> None:
        """The mail was not accepted, or its fate is unknown; of a letter, with its subject and body."""
        self.worker(
            "fail_mail",
            organization_id=begun["organization_id"],
            mail_id=begun["mail_id"],
            attempt=begun["attempt"],
            failure_class=failure_class,
            failure_detail=detail,
            **text,
        )

    def queue(self, invoice_id: int) -> None:
        """Wait until the check-in is due, and its mail too, and tick; does nothing if that is queued."""
        task = self.task(invoice_id)
        if task["status"] == "scheduled" and self.queued_mail(invoice_id) is None:
            self.line.clock.wait_until(max(task["scheduled_at"], self.retried_at() or task["scheduled_at"]))
            self.tick()

    def retried_at(self) -> datetime | None:
        """When a mail of questions that failed is tried again: its questions wait until then."""
        at: datetime | None = self.session.value(
            "select max(next_attempt_at) from rubis.mail where organization_id = %s and kind = 'questions'",
            [self.organization_id],
        )
        return at

    def sending(self, invoice_id: int) -> DictRow:
        """Wait until the check-in is due, unless its mail is queued already, and begin to mail it."""
        self.queue(invoice_id)
        begun = self.begin(invoice_id)
        assert begun["skip_reason"] is None, begun
        assert "token" in begun, begun
        return begun

    def ask(self, invoice_id: int) -> Token:
        """Wait until the check-in is due, and mail it; returns the token in its links.

        If a mail took it along with the check-in of another invoice, it is asked already.
        """
        if self.task(invoice_id)["status"] != "sent" or invoice_id not in self.tokens:
            self.finish(self.sending(invoice_id))
        return self.tokens[invoice_id]

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

    def plan_again(self) -> int:
        """Plan again what settings or a plan have outdated, as the next tick does; how many invoices."""
        planned: int = self.dba("select rubis.replan_outdated(%s, 1000) as n", self.organization_id)[0]["n"]
        return planned

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
