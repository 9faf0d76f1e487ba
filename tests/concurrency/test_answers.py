"""Clicks that meet clicks: the first to come decides, the other is told so."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.cast import Cast, Tally
from tests.support.race import Move, Race, by
from tests.support.session import Session

SETTLED = Tally(status="paid", paid_events=1, rubis=1, answered=1, live_checkins=0, relances_ahead=0)
STILL_PENDING = Tally(status="open", paid_events=0, rubis=0, answered=1, live_checkins=0, relances_ahead=1)
TAKEN_BACK = {
    "paid": Tally(status="open", paid_events=1, rubis=0, answered=0, live_checkins=1, relances_ahead=1),
    "pending": Tally(status="open", paid_events=0, rubis=0, answered=0, live_checkins=1, relances_ahead=1),
}
"""After the opposite link, by what was answered first."""
_ROUNDS = 20


def click(cast: Cast, hashed: bytes, answer: str) -> Move:
    """A click on one of the two links of a mail."""
    return by("rubis_api", cast, lambda it: it.click(hashed, answer))


def in_app(cast: Cast, invoice_id: int, answer: str) -> Move:
    """The same question answered in the app."""

    def step(session: Session) -> str:
        outcome: str = cast.over(session).api("answer_invoice_checkin", invoice_id=invoice_id, answer=answer)[
            "outcome"
        ]
        return outcome

    return "rubis_api", step


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_two_clicks_on_one_mail(race: Race, cast: Cast, answer: str) -> None:
    """Of two clicks at the same time on one link the first one counts, and the second is already answered."""
    invoice_id, hashed = cast.asked()
    met = race.meet(click(cast, hashed, answer), click(cast, hashed, answer))
    assert met.waited
    assert (met.first, met.second) == (answer, "already_answered")
    assert cast.tally(invoice_id) == (SETTLED if answer == "paid" else STILL_PENDING)


@pytest.mark.parametrize("mails", [1, 2])
@pytest.mark.parametrize(("first", "second"), [("paid", "pending"), ("pending", "paid")])
def test_both_links_at_once_take_the_answer_back(
    race: Race, cast: Cast, first: str, second: str, mails: int
) -> None:
    """Of one mail, or one of each of two: the first counts until the second, which waits, takes it back."""
    invoice_id, *tokens = cast.asked() if mails == 1 else cast.asked_twice()
    met = race.meet(click(cast, tokens[0], first), click(cast, tokens[-1], second))
    assert met.waited
    assert (met.first, met.second) == (first, "confirm")
    assert cast.tally(invoice_id) == TAKEN_BACK[first]


@pytest.mark.parametrize("mails", [1, 2])
@pytest.mark.parametrize(("first", "second"), [("paid", "pending"), ("pending", "paid")])
def test_a_second_link_that_waits_a_minute_is_already_answered(
    race: Race, cast: Cast, first: str, second: str, mails: int
) -> None:
    """The time is read under the locks: a second click that had to wait for a minute is already answered."""
    invoice_id, *tokens = cast.asked() if mails == 1 else cast.asked_twice()
    met = race.meet(
        click(cast, tokens[0], first),
        click(cast, tokens[-1], second),
        meanwhile=lambda _: cast.clock.advance(minutes=1),
    )
    assert met.waited
    assert (met.first, met.second) == (first, "already_answered")
    assert cast.tally(invoice_id) == (SETTLED if first == "paid" else STILL_PENDING)


@pytest.mark.parametrize("in_app_first", [True, False])
@pytest.mark.parametrize(
    ("first", "second"), [("paid", "pending"), ("pending", "paid"), ("pending", "pending")]
)
def test_a_click_and_an_answer_in_the_app(
    race: Race, cast: Cast, first: str, second: str, *, in_app_first: bool
) -> None:
    """A link and the app ask one question; only "paid" in the app may follow "pending", and settles."""
    invoice_id, hashed = cast.asked()
    if in_app_first:
        met = race.meet(in_app(cast, invoice_id, first), click(cast, hashed, second))
        overruled = False
    else:
        met = race.meet(click(cast, hashed, first), in_app(cast, invoice_id, second))
        overruled = second == "paid"
    assert met.waited
    assert (met.first, met.second) == (first, "paid" if overruled else "already_answered")
    assert cast.tally(invoice_id) == (SETTLED if "paid" in (first, overruled and "paid") else STILL_PENDING)


@pytest.mark.parametrize("mails", [1, 2])
@pytest.mark.parametrize("answers", [("paid",), ("pending",), ("paid", "pending")])
def test_a_storm_of_clicks(race: Race, cast: Cast, mails: int, answers: tuple[str, ...]) -> None:
    """However many clicks come at once, in whatever order: of one answer one counts, of two none stays."""
    tokens: list[bytes] = []
    invoices: list[int] = []

    def prepare(_round: int) -> None:
        invoice_id, *hashes = cast.asked() if mails == 1 else cast.asked_twice()
        invoices.append(invoice_id)
        tokens[:] = [hashes[0], hashes[-1]]

    def one_of(index: int, answer: str) -> Callable[[Session], Any]:
        return lambda session: cast.over(session).click(tokens[index], answer)

    moves: list[Move] = [
        ("rubis_api", one_of(index, answer)) for index in (0, 1) for answer in answers * (2 // len(answers))
    ]
    for invoice_id, outcomes in zip(invoices, race.rounds(moves, _ROUNDS, prepare), strict=True):
        (first,) = [outcome for outcome in outcomes if outcome in answers]
        rest = sorted(outcome for outcome in outcomes if outcome != first)
        if len(answers) == 1:
            assert rest == ["already_answered"] * 3
            assert cast.tally(invoice_id) == (SETTLED if first == "paid" else STILL_PENDING)
        else:
            assert rest in (["already_answered", "confirm", "confirm"], ["confirm"] * 3)
            assert cast.tally(invoice_id) == TAKEN_BACK[first]
