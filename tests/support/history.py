"""What the database says about an invoice."""

from psycopg.rows import DictRow

from tests.support.session import Session

HISTORY = ("checkin_task", "relance", "rubis_entry", "activity_event")
"""The tables that an invoice's effects are written to."""

_ORDER = {
    "checkin_task": "checkin_task_id",
    "relance": "relance_id",
    "rubis_entry": "rubis_entry_id",
    "activity_event": "activity_event_id",
    "checkin_click": "checkin_click_id",
}


class History:
    """Reads the rows of one organization."""

    organization_id: int

    def __init__(self, session: Session) -> None:
        self.session = session

    def row(self, invoice_id: int) -> DictRow:
        """The invoice."""
        return self.session.row(
            "select * from rubis.invoice where organization_id = %s and invoice_id = %s",
            [self.organization_id, invoice_id],
        )

    def rows(self, table: str, invoice_id: int) -> list[DictRow]:
        """An invoice's rows of this table, the oldest first."""
        return self.session.rows(
            f"select * from rubis.{table} where organization_id = %s and invoice_id = %s"
            f" order by {_ORDER[table]}",
            [self.organization_id, invoice_id],
        )

    def attempts(self, invoice_id: int, *kinds: str) -> list[DictRow]:
        """The attempts of mails of these kinds that carried an invoice, with its item, the oldest first.

        `kind` and `status` are the mail's.
        """
        return self.session.rows(
            "select a.*, x.position, x.checkin_task_id, x.relance_id, x.token_hash, x.answered_at,"
            " x.word_at, x.word_age_days, x.word_valid_days, x.withdrawn_at, m.kind, m.status,"
            " m.next_attempt_at, m.attempts, m.lease_expires_at"
            " from rubis.mail_item as x"
            " join rubis.mail_attempt as a using (organization_id, mail_id, attempt)"
            " join rubis.mail as m using (organization_id, mail_id)"
            " where x.organization_id = %s and x.invoice_id = %s and m.kind = any (%s)"
            " order by a.attempted_at, a.mail_id, a.attempt",
            [self.organization_id, invoice_id, list(kinds)],
        )

    def mails(self, invoice_id: int) -> list[DictRow]:
        """The attempts to mail an invoice's check-ins, the oldest first."""
        return self.attempts(invoice_id, "questions")

    def letters(self, invoice_id: int) -> list[DictRow]:
        """The attempts of letters about an invoice, the oldest first."""
        return self.attempts(invoice_id, "letter")

    def receipts(self, invoice_id: int) -> list[DictRow]:
        """The attempts to mail receipts of the answers to an invoice's check-ins, the oldest first."""
        return self.attempts(invoice_id, "receipts")

    def notices(self, kind: str) -> list[DictRow]:
        """The mails of this kind, the oldest first."""
        return self.session.rows(
            "select * from rubis.mail where organization_id = %s and kind = %s order by mail_id",
            [self.organization_id, kind],
        )

    def clicks(self, token: bytes) -> list[DictRow]:
        """The clicks on a token's links and on the buttons of its page, the oldest first."""
        return self.session.rows(
            "select c.* from rubis.checkin_click as c"
            " join rubis.mail_item as x using (organization_id, mail_id, attempt, position)"
            " where x.token_hash = %s order by checkin_click_id",
            [token],
        )

    def task(self, invoice_id: int) -> DictRow:
        """The latest check-in."""
        return self.rows("checkin_task", invoice_id)[-1]

    def relance(self, invoice_id: int) -> DictRow:
        """The latest relance."""
        return self.rows("relance", invoice_id)[-1]

    def events(self, invoice_id: int) -> list[tuple[str, str | None]]:
        """Kind and label of what happened, in order."""
        return [(event["kind"], event["label"]) for event in self.rows("activity_event", invoice_id)]

    def kinds(self, invoice_id: int) -> list[str]:
        """The kinds of its events, the oldest first."""
        return [kind for kind, _ in self.events(invoice_id)]

    def effects(self, invoice_id: int) -> dict[str, list[DictRow]]:
        """The invoice and all rows that hang on it, to the microsecond, without ids and proofs."""
        every = {table: self.rows(table, invoice_id) for table in HISTORY} | {
            "invoice": [self.row(invoice_id)]
        }
        return {
            table: [
                {
                    name: value
                    for name, value in row.items()
                    if not name.endswith("_id") and name not in ("number", "search_key", "proof_due_at")
                }
                for row in rows
            ]
            for table, rows in every.items()
        }

    def recorded(self, invoice_id: int) -> dict[str, list[DictRow]]:
        """The same without what a click on paid that did not count may do: hold the relance ahead."""
        holds = {
            "invoice": ("said_paid_at",),
            "relance": ("status", "hold_reason", "next_look_at"),
        }
        return {
            table: [
                {name: value for name, value in row.items() if name not in holds.get(table, ())}
                for row in rows
            ]
            for table, rows in self.effects(invoice_id).items()
        }
