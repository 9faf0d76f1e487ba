"""What the API foresees of open invoices, and what came of it when nothing else happened."""

from datetime import datetime, timedelta

from tests.db.relance.word_model import WordModel
from tests.support import letters
from tests.support.cast import Cast

SLACK = timedelta(minutes=2)
"""A letter of the hour at which its question closes waits a minute for it."""


class Foresight:
    """The questions and letters ahead, as they are shown now, of invoices with a moment for their letter."""

    def __init__(self, cast: Cast, word: WordModel, invoices: list[int]) -> None:
        self.cast = cast
        self.word = word
        self.now = cast.now()
        self.steps = {}
        for invoice_id in invoices:
            shown = letters.relances(cast, invoice_id)
            ahead = shown["ahead"] or {"status": None}
            if ahead["status"] in ("scheduled", "queued") and ahead["leaves_at"]:
                self.steps[invoice_id] = [ahead, *shown["forecast"]]

    def compare(self) -> None:
        """Each letter left at the moment shown, and the owner was asked when it was shown, no other time."""
        for invoice_id, steps in self.steps.items():
            shown = [datetime.fromisoformat(step["leaves_at"]) for step in steps]
            left = [
                mail["attempted_at"]
                for mail in self.cast.rows("relance_mail", invoice_id)
                if mail["attempted_at"] > self.now
            ]
            assert same(shown, left), f"invoice {invoice_id}, seen at {self.now}: {steps} left {left}"
            shown = [datetime.fromisoformat(step["asks_at"]) for step in steps if step["asks_at"]]
            asked = self.word.asked_after(invoice_id, self.now)
            assert same(shown, asked), f"invoice {invoice_id}, seen at {self.now}: {steps} asked {asked}"


def same(shown: list[datetime], came: list[datetime]) -> bool:
    """Whether the moments agree, one by one."""
    return len(shown) == len(came) and all(
        timedelta(0) <= at - then < SLACK for then, at in zip(shown, came, strict=True)
    )
