"""Clicks that meet what the user does in the app, or a DBA in psql: one effect, and the click is told so."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import pytest

from tests.support.cast import Cast, Tally
from tests.support.race import Move, Race, by, sqlstate
from tests.support.session import Session

PAID = Tally(status="paid", paid_events=1, rubis=1, answered=0, live_checkins=0, relances_ahead=0)
CANCELLED = Tally(status="cancelled", paid_events=0, rubis=0, answered=0, live_checkins=0, relances_ahead=0)
ASKED_AGAIN = Tally(status="open", paid_events=0, rubis=0, answered=0, live_checkins=1, relances_ahead=1)
SETTLED_BY_CLICK = Tally(status="paid", paid_events=1, rubis=1, answered=1, live_checkins=0, relances_ahead=0)
PENDING_BY_CLICK = Tally(status="open", paid_events=0, rubis=0, answered=1, live_checkins=0, relances_ahead=1)

Act = Callable[[Cast, int], Move]
_ROUNDS = 15


def _api(function: str, **params: object) -> Act:
    def make(cast: Cast, invoice_id: int) -> Move:
        def step(session: Session) -> object:
            return cast.over(session).api(function, invoice_id=invoice_id, **params)

        return "rubis_api", step

    return make


def _dba(assignment: str) -> Act:
    def make(_: Cast, invoice_id: int) -> Move:
        query = f"update rubis.invoice set {assignment} where invoice_id = %s"
        return "rubis_owner", lambda session: session.execute(query, [invoice_id]).rowcount

    return make


class Other(NamedTuple):
    """What the user or a DBA does, what it leads to, and what follows from the one that comes second."""

    act: Act
    facts: Tally
    clicked: str
    """What a click that comes second is told."""
    after_paid: str | None
    """The SQLSTATE if it comes after a click on paid."""


ACTS = {
    "mark paid": Other(_api("mark_invoice_paid"), PAID, "already_answered", None),
    "cancel": Other(_api("cancel_invoice"), CANCELLED, "already_answered", "RB409"),
    "move the due date": Other(
        _api("update_invoice", changes='{"due_on": "2031-01-31"}'), ASKED_AGAIN, "expired", "RB409"
    ),
    "change the amount": Other(
        _api("update_invoice", changes='{"amount_cents": 1}'), ASKED_AGAIN, "expired", "RB409"
    ),
    "ask again": Other(_api("ask_checkin_again"), ASKED_AGAIN, "expired", "RB409"),
    "a DBA settles it": Other(_dba("status = 'paid'"), PAID, "already_answered", None),
    "a DBA cancels it": Other(_dba("status = 'cancelled'"), CANCELLED, "already_answered", "RB409"),
    "a DBA moves the due date": Other(_dba("due_on = '2031-01-31'"), ASKED_AGAIN, "expired", "RB409"),
}


@pytest.mark.parametrize("answer", ["paid", "pending"])
@pytest.mark.parametrize("name", ACTS)
def test_a_click_that_comes_second(race: Race, cast: Cast, name: str, answer: str) -> None:
    """A click that waits while the invoice is settled or changed sees that, and has no effect of its own."""
    other = ACTS[name]
    invoice_id, hashed = cast.asked()
    met = race.meet(other.act(cast, invoice_id), by("rubis_api", cast, lambda it: it.click(hashed, answer)))
    assert met.waited
    assert met.second == other.clicked
    assert cast.tally(invoice_id) == other.facts


@pytest.mark.parametrize("name", ACTS)
def test_a_paid_click_that_comes_first(race: Race, cast: Cast, name: str) -> None:
    """What waits for a click that settles the invoice changes nothing more, or is refused."""
    other = ACTS[name]
    invoice_id, hashed = cast.asked()
    met = race.meet(by("rubis_api", cast, lambda it: it.click(hashed, "paid")), other.act(cast, invoice_id))
    assert met.waited
    assert met.first == "paid"
    assert sqlstate(met.second) == other.after_paid
    assert cast.tally(invoice_id) == SETTLED_BY_CLICK
    assert cast.row(invoice_id)["paid_via"] == "check-in"


@pytest.mark.parametrize("name", ACTS)
def test_a_pending_click_that_comes_first(race: Race, cast: Cast, name: str) -> None:
    """An answer of still pending stands, and what waited for it has its whole effect."""
    other = ACTS[name]
    invoice_id, hashed = cast.asked()
    met = race.meet(
        by("rubis_api", cast, lambda it: it.click(hashed, "pending")), other.act(cast, invoice_id)
    )
    assert met.waited
    assert (met.first, sqlstate(met.second)) == ("pending", None)
    assert cast.tally(invoice_id) == replace(other.facts, answered=1)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("answers", [("paid", "paid"), ("paid", "pending"), ("pending", "pending")])
def test_two_invoices_settled_in_one_transaction(
    race: Race, cast: Cast, answers: tuple[str, str], *, reverse: bool
) -> None:
    """A DBA who settles two invoices at once, in either order, meets clicks on both: one rubis each."""
    asked = [cast.asked(), cast.asked()]
    (one, first_hash), (other, second_hash) = asked[::-1] if reverse else asked
    clicked: list[str] = []

    settle = _dba("status = 'paid'")

    def go_on(session: Session) -> None:
        """A click on the first invoice waits; one on the second is through before we come to it."""
        clicked.append(cast.click(second_hash, answers[1]))
        settle(cast, other)[1](session)

    met = race.meet(
        settle(cast, one),
        by("rubis_api", cast, lambda it: it.click(first_hash, answers[0])),
        meanwhile=go_on,
    )
    assert met.waited
    assert (met.second, clicked) == ("already_answered", [answers[1]])
    assert cast.tally(one) == PAID
    assert cast.tally(other) == replace(PAID, answered=1)


def test_a_storm_around_two_invoices(race: Race, cast: Cast) -> None:
    """Two invoices settled in one transaction while both are answered: each is paid once."""
    asked: list[tuple[int, bytes]] = []

    def prepare(_round: int) -> None:
        asked[:] = [cast.asked(), cast.asked()]
        invoices.append([invoice_id for invoice_id, _ in asked])

    def settle(session: Session) -> None:
        with session.connection.transaction():
            for invoice_id in sorted(invoice_id for invoice_id, _ in asked):
                session.execute(
                    "update rubis.invoice set status = 'paid' where invoice_id = %s", [invoice_id]
                )

    invoices: list[list[int]] = []
    moves: list[Move] = [
        ("rubis_owner", settle),
        by("rubis_api", cast, lambda it: it.click(asked[0][1], "paid")),
        by("rubis_api", cast, lambda it: it.click(asked[1][1], "pending")),
    ]
    for pair, (settled, first, second) in zip(invoices, race.rounds(moves, _ROUNDS, prepare), strict=True):
        assert settled is None
        assert cast.tally(pair[0]) == {"paid": SETTLED_BY_CLICK, "already_answered": PAID}[first]
        assert cast.tally(pair[1]) == {"pending": replace(PAID, answered=1), "already_answered": PAID}[second]


@pytest.mark.parametrize("name", ["mark paid", "cancel", "move the due date", "ask again"])
def test_a_storm_around_one_invoice(race: Race, cast: Cast, name: str) -> None:
    """Clicks and the app at full speed: whichever is first, the invoice ends as one of them wanted."""
    other = ACTS[name]
    current: list[tuple[int, bytes]] = []

    def prepare(_round: int) -> None:
        current.append(cast.asked())

    def do(session: Session) -> object:
        return other.act(cast, current[-1][0])[1](session)

    moves: list[Move] = [
        ("rubis_api", do),
        by("rubis_api", cast, lambda it: it.click(current[-1][1], "paid")),
    ]
    results = race.rounds(moves, _ROUNDS, prepare)
    for (invoice_id, _), (done, clicked) in zip(current, results, strict=True):
        assert cast.tally(invoice_id) == {"paid": SETTLED_BY_CLICK, other.clicked: other.facts}[clicked]
        assert sqlstate(done) == {"paid": other.after_paid, other.clicked: None}[clicked]


def test_a_deadlock_would_be_seen(race: Race, cast: Cast) -> None:
    """Two DBAs who lock two invoices against each other show that the count of deadlocks counts."""
    one, other = cast.invoice(), cast.invoice()
    race.deadlocks_on_purpose = 1
    queries = ["update rubis.invoice set status = 'cancelled' where invoice_id = %s"] * 2

    def crosswise(invoices: list[int]) -> Callable[[Session], object]:
        def step(session: Session) -> object:
            session.execute("set deadlock_timeout = '20ms'")
            with session.connection.transaction():
                session.execute(queries[0], [invoices[0]])
                session.execute("select pg_sleep(0.1)")
                return session.execute(queries[1], [invoices[1]]).rowcount

        return step

    results = race.run([("postgres", crosswise([one, other])), ("postgres", crosswise([other, one]))])
    assert sorted(map(str, map(sqlstate, results))) == ["40P01", "None"]
