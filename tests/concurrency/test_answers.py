"""Clicks that meet clicks: the first to come decides, the other is told so."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.cast import Cast, Tally
from tests.support.race import Move, Race, by
from tests.support.session import Session

SETTLED = Tally(status="paid", paid_events=1, rubis=1, answered=1, live_checkins=0, relances_ahead=0)
STILL_PENDING = Tally(status="open", paid_events=0, rubis=0, answered=1, live_checkins=0, relances_ahead=1)
LEFT = {"paid": SETTLED, "pending": STILL_PENDING}
"""After an answer that stays."""
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
    assert cast.tally(invoice_id) == LEFT[answer]


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
    assert cast.tally(invoice_id) == LEFT[first]


@pytest.mark.parametrize(
    ("first", "second"), [("paid", "pending"), ("pending", "paid"), ("pending", "pending")]
)
def test_a_click_that_meets_an_answer_in_the_app(race: Race, cast: Cast, first: str, second: str) -> None:
    """A link that is followed while the app answers the same question is already answered."""
    invoice_id, hashed = cast.asked()
    met = race.meet(in_app(cast, invoice_id, first), click(cast, hashed, second))
    assert (met.first, met.second, met.waited) == (first, "already_answered", True)
    assert cast.tally(invoice_id) == LEFT[first]


@pytest.mark.parametrize(
    ("first", "second", "told", "left"),
    [
        ("paid", "pending", "already_answered", SETTLED),
        ("pending", "paid", "paid", SETTLED),
        ("pending", "pending", "already_answered", STILL_PENDING),
    ],
)
def test_an_answer_in_the_app_that_meets_a_click(
    race: Race, cast: Cast, *, first: str, second: str, told: str, left: Tally
) -> None:
    """After a click the app answers no more; only "paid" may follow "pending", and settles the invoice."""
    invoice_id, hashed = cast.asked()
    met = race.meet(click(cast, hashed, first), in_app(cast, invoice_id, second))
    assert (met.first, met.second, met.waited) == (first, told, True)
    assert cast.tally(invoice_id) == left


def storm(
    race: Race, cast: Cast, mails: int, answers: tuple[str, str]
) -> Iterator[tuple[int, str, list[str]]]:
    """Four clicks at once, again and again: the invoice, the answer that counted, the other outcomes."""
    tokens: list[bytes] = []
    invoices: list[int] = []

    def prepare(_round: int) -> None:
        invoice_id, *hashes = cast.asked() if mails == 1 else cast.asked_twice()
        invoices.append(invoice_id)
        tokens[:] = [hashes[0], hashes[-1]]

    def one_of(index: int, answer: str) -> Callable[[Session], Any]:
        return lambda session: cast.over(session).click(tokens[index], answer)

    moves: list[Move] = [("rubis_api", one_of(index, answer)) for index in (0, 1) for answer in answers]
    for invoice_id, outcomes in zip(invoices, race.rounds(moves, _ROUNDS, prepare), strict=True):
        (first,) = [outcome for outcome in outcomes if outcome in answers]
        yield invoice_id, first, sorted(outcome for outcome in outcomes if outcome != first)


@pytest.mark.parametrize("mails", [1, 2])
@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_a_storm_of_one_answer_counts_it_once(race: Race, cast: Cast, mails: int, answer: str) -> None:
    """Of many clicks on links of one answer one counts, and the others are already answered."""
    for invoice_id, _, others in storm(race, cast, mails, (answer, answer)):
        assert others == ["already_answered"] * 3
        assert cast.tally(invoice_id) == LEFT[answer]


@pytest.mark.parametrize("mails", [1, 2])
def test_a_storm_of_both_answers_leaves_none(race: Race, cast: Cast, mails: int) -> None:
    """Of many clicks on links of both answers one counts until an opposite one takes it back."""
    for invoice_id, first, others in storm(race, cast, mails, ("paid", "pending")):
        assert others in (["already_answered", "confirm", "confirm"], ["confirm"] * 3)
        assert cast.tally(invoice_id) == TAKEN_BACK[first]
