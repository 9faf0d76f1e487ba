"""Clicks that meet clicks: the first to come decides, the other is told so."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.flow import Facts, Flow
from tests.support.race import Move, Race
from tests.support.session import Session

SETTLED = Facts(status="paid", paid_events=1, rubis=1, answered=1, live_checkins=0, relances_ahead=0)
STILL_PENDING = Facts(status="open", paid_events=0, rubis=0, answered=1, live_checkins=0, relances_ahead=1)
_ROUNDS = 20


def click(flow: Flow, hashed: bytes, answer: str) -> Move:
    """A click on one of the two links of a mail."""
    return "rubis_api", lambda session: flow.answer(hashed, answer, session)


def in_app(flow: Flow, invoice_id: int, answer: str) -> Move:
    """The same question answered in the app."""

    def step(session: Session) -> str:
        outcome: str = session.call(
            "api.answer_invoice_checkin",
            p_access_token_hash=flow.access,
            p_invoice_id=invoice_id,
            p_answer=answer,
        )["outcome"]
        return outcome

    return "rubis_api", step


@pytest.mark.parametrize(("first", "second"), [("paid", "pending"), ("pending", "paid"), ("paid", "paid")])
def test_two_clicks_on_one_mail(race: Race, flow: Flow, first: str, second: str) -> None:
    """Of two clicks at the same time the first one counts, and the second is already answered."""
    invoice_id, hashed = flow.asked()
    met = race.meet(click(flow, hashed, first), click(flow, hashed, second))
    assert met.waited
    assert (met.first, met.second) == (first, "already_answered")
    assert flow.facts(invoice_id) == (SETTLED if first == "paid" else STILL_PENDING)


@pytest.mark.parametrize(("first", "second"), [("paid", "pending"), ("pending", "paid")])
def test_a_click_on_each_of_two_mails(race: Race, flow: Flow, first: str, second: str) -> None:
    """Two mails of one question have two tokens and one answer."""
    invoice_id, one, other = flow.asked_twice()
    met = race.meet(click(flow, one, first), click(flow, other, second))
    assert met.waited
    assert (met.first, met.second) == (first, "already_answered")
    assert flow.facts(invoice_id) == (SETTLED if first == "paid" else STILL_PENDING)


@pytest.mark.parametrize("in_app_first", [True, False])
@pytest.mark.parametrize(
    ("first", "second"), [("paid", "pending"), ("pending", "paid"), ("pending", "pending")]
)
def test_a_click_and_an_answer_in_the_app(
    race: Race, flow: Flow, first: str, second: str, *, in_app_first: bool
) -> None:
    """A link and the app ask one question; only "paid" in the app may follow "pending", and settles."""
    invoice_id, hashed = flow.asked()
    if in_app_first:
        met = race.meet(in_app(flow, invoice_id, first), click(flow, hashed, second))
        overruled = False
    else:
        met = race.meet(click(flow, hashed, first), in_app(flow, invoice_id, second))
        overruled = second == "paid"
    assert met.waited
    assert (met.first, met.second) == (first, "paid" if overruled else "already_answered")
    assert flow.facts(invoice_id) == (SETTLED if "paid" in (first, overruled and "paid") else STILL_PENDING)


@pytest.mark.parametrize("mails", [1, 2])
def test_a_storm_of_clicks(race: Race, flow: Flow, mails: int) -> None:
    """However many clicks come at once, in whatever order, an invoice is settled at most once."""
    tokens: list[bytes] = []
    invoices: list[int] = []

    def prepare(_round: int) -> None:
        invoice_id, *hashes = flow.asked() if mails == 1 else flow.asked_twice()
        invoices.append(invoice_id)
        tokens[:] = [hashes[0], hashes[-1]]

    def one_of(index: int, answer: str) -> Callable[[Session], Any]:
        return lambda session: flow.answer(tokens[index], answer, session)

    moves: list[Move] = [
        ("rubis_api", one_of(index, answer)) for index in (0, 1) for answer in ("paid", "pending")
    ]
    for invoice_id, outcomes in zip(invoices, race.rounds(moves, _ROUNDS, prepare), strict=True):
        assert sorted(outcomes)[:3] == ["already_answered"] * 3
        assert flow.facts(invoice_id) == (SETTLED if "paid" in outcomes else STILL_PENDING)
