"""What the API foresees of open invoices, and what came of it when nothing else happened."""

from datetime import datetime, timedelta
from typing import Any

from tests.db.relance.word_model import WordModel
from tests.support import letters
from tests.support.cast import Cast

SLACK = timedelta(minutes=2)
"""A letter of the hour at which its question closes waits a minute for it. A mail of questions takes along
what is due within two minutes."""


class Foresight:
    """The questions and letters ahead, as they are shown now, of invoices with a moment for their letter.

    Not foreseen is what a step without a row does to the letters of other invoices of the same address: it
    takes a letter's place for `client_spacing_days`, or joins it. Then a letter leaves later than it was
    shown, never earlier.
    """

    def __init__(self, cast: Cast, word: WordModel, invoices: list[int]) -> None:
        self.cast = cast
        self.word = word
        self.now = cast.now()
        self.steps: dict[int, list[dict[str, Any]]] = {}
        for invoice_id in invoices:
            shown = letters.relances(cast, invoice_id)
            ahead = shown["ahead"] or {"status": None}
            if ahead["status"] == "scheduled" and ahead["leaves_at"]:
                self.steps[invoice_id] = [ahead, *shown["forecast"]]
        self.rows = {relance["relance_id"] for i in invoices for relance in cast.rows("relance", i)}

    def compare(self) -> None:
        """Each letter left when it was shown, and the owner was asked when it was shown, no other time."""
        for invoice_id, steps in self.steps.items():
            left = [a for a in self.cast.letters(invoice_id) if a["attempted_at"] > self.now]
            came = [attempt["attempted_at"] for attempt in left]
            shown = [datetime.fromisoformat(step["leaves_at"]) for step in steps]
            asked = self.word.asked_after(invoice_id, self.now)
            asks = [datetime.fromisoformat(step["asks_at"]) for step in steps if step["asks_at"]]
            told = f"invoice {invoice_id}, seen at {self.now}: {steps} left {came} asked {asked}"
            assert len(came) == len(shown), told
            exact = sum(self.is_foreseen(attempt) for attempt in left)
            assert same(shown[:exact], came[:exact]), told
            assert all(at - then > -SLACK for then, at in zip(shown, came, strict=True)), told
            if exact == len(shown):
                assert same(asks, asked), told

    def is_foreseen(self, attempt: dict[str, Any]) -> bool:
        """Whether no letter to the address before this one was about a step that had no row yet."""
        others = self.cast.session.rows(
            "select l.relance_id, l.invoice_id from audit.letter_invoices as l"
            " where l.organization_id = %s and lower(l.to_address) = lower(%s)"
            " and l.attempted_at > %s and l.attempted_at <= %s",
            [self.cast.organization_id, attempt["to_address"], self.now, attempt["attempted_at"]],
        )
        return all(
            other["relance_id"] in self.rows or other["invoice_id"] == self.invoice_of(attempt)
            for other in others
        )

    def invoice_of(self, attempt: dict[str, Any]) -> int:
        """The invoice whose attempt this is."""
        invoice_id: int = self.cast.session.value(
            "select invoice_id from rubis.relance where organization_id = %s and relance_id = %s",
            [self.cast.organization_id, attempt["relance_id"]],
        )
        return invoice_id


def same(shown: list[datetime], came: list[datetime]) -> bool:
    """Whether the moments agree, one by one."""
    return len(shown) == len(came) and all(
        -SLACK < at - then < SLACK for then, at in zip(shown, came, strict=True)
    )
