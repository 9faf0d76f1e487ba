"""What the API foresees of open invoices, and what came of it when nothing else happened."""

from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from tests.db.relance.word_model import WordModel
from tests.support import letters
from tests.support.cast import Cast

SLACK = timedelta(minutes=2)
"""A letter of the hour at which its question closes waits a minute for it, and may miss another one. A mail
of questions takes along what is due within two minutes."""


class Foresight:
    """The questions and letters ahead, as they are shown now, of invoices with a moment for their letter.

    Where one address has several invoices, not all is foreseen. The relance ahead follows the others that
    are ahead, and not their later steps, which have no rows yet. The forecast of later steps follows no other
    invoice. What was not followed may take the place of a letter for `client_spacing_days`: then the letter
    leaves later than it was shown. If it takes the place of the letter that another was shown to wait for,
    that one need not wait, and leaves when it was planned. A letter that waits for another one may need a
    second question, because the first one, which is shown, is too old by then.
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
            foreseen = [
                self.is_foreseen(invoice_id, attempt, has_row=n == 0)
                and not self.has_missed(attempt, shown[n])
                for n, attempt in enumerate(left)
            ]
            exact = len(list(takewhile(bool, foreseen)))
            assert same(shown[:exact], came[:exact]), told
            if not foreseen[0] and steps[0]["reason"] == "client_spacing" and came[0] - shown[0] <= -SLACK:
                assert came[0] - datetime.fromisoformat(steps[0]["scheduled_at"]) > -SLACK, told
                continue
            assert all(at - then > -SLACK for then, at in zip(shown, came, strict=True)), told
            if exact == len(shown):
                again = [at for at in asked if self.is_asked_again(invoice_id, steps[0], at, came[0])]
                assert len(again) <= 1, told
                assert same(asks, [at for at in asked if at not in again]), told

    def is_asked_again(self, invoice_id: int, ahead: dict[str, Any], at: datetime, left_at: datetime) -> bool:
        """Whether the question shown for the letter ahead was too old for it, and this one came after it."""
        if ahead["reason"] != "client_spacing" or not ahead["asks_at"]:
            return False
        row = self.word.seen[invoice_id]
        zone = ZoneInfo(row["time_zone"])
        asked_at = datetime.fromisoformat(ahead["asks_at"])
        age = left_at.astimezone(zone).date() - asked_at.astimezone(zone).date()
        return asked_at + SLACK < at < left_at and age.days > row["question_valid_days"]

    def is_foreseen(self, invoice_id: int, attempt: dict[str, Any], *, has_row: bool) -> bool:
        """Whether the letters to the address before this one, about other invoices, were followed."""
        before = self.cast.session.rows(
            "select l.mail_id, array_agg(l.relance_id) as relance_ids from audit.letter_invoices as l"
            " where l.organization_id = %s and lower(l.to_address) = lower(%s)"
            " and l.attempted_at > %s and l.attempted_at <= %s"
            " group by l.mail_id having not bool_or(l.invoice_id = %s)",
            [
                *(self.cast.organization_id, attempt["to_address"], self.now),
                *(attempt["attempted_at"], invoice_id),
            ],
        )
        return (has_row and all(self.rows >= set(mail["relance_ids"]) for mail in before)) or not before

    def has_missed(self, attempt: dict[str, Any], shown_at: datetime) -> bool:
        """Whether another letter to the address left when this one was to, because its question was open."""
        found: int = self.cast.session.value(
            "select count(*) from audit.letter_invoices as l"
            " where l.organization_id = %s and lower(l.to_address) = lower(%s)"
            " and l.attempted_at between %s and %s and l.mail_id <> %s",
            [
                *(self.cast.organization_id, attempt["to_address"]),
                *(shown_at - SLACK, shown_at + SLACK, attempt["mail_id"]),
            ],
        )
        return found > 0


def same(shown: list[datetime], came: list[datetime]) -> bool:
    """Whether the moments agree, one by one."""
    return len(shown) == len(came) and all(
        -SLACK < at - then < SLACK for then, at in zip(shown, came, strict=True)
    )
