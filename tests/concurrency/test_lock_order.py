"""The one order of locks: who waits for an invoice holds neither its check-in nor its relance meanwhile."""

from collections.abc import Callable

import pytest
from psycopg.rows import DictRow

from tests.support.cast import Cast, Tally
from tests.support.race import Move, Race, by, sqlstate
from tests.support.session import Session


def _api(function: str, **params: object) -> Callable[[Cast, int, DictRow], Move]:
    def make(cast: Cast, invoice_id: int, _begun: DictRow) -> Move:
        def step(session: Session) -> object:
            return cast.over(session).api(function, invoice_id=invoice_id, **params)

        return "rubis_api", step

    return make


def _click(cast: Cast, _invoice: int, begun: DictRow) -> Move:
    return by("rubis_api", cast, lambda it: it.click(begun["token"], "paid"))


def _button(cast: Cast, _invoice: int, begun: DictRow) -> Move:
    return by("rubis_api", cast, lambda it: it.press(begun["token"], "pending"))


def _undo(cast: Cast, _invoice: int, begun: DictRow) -> Move:
    return by("rubis_api", cast, lambda it: it.undo(begun["token"]))


def _begin(cast: Cast, invoice_id: int, _begun: DictRow) -> Move:
    return by("rubis_worker", cast, lambda it: it.begin(invoice_id))


def _finish(cast: Cast, _invoice: int, begun: DictRow) -> Move:
    return by("rubis_worker", cast, lambda it: it.finish(begun))


def _fail(cast: Cast, _invoice: int, begun: DictRow) -> Move:
    return by("rubis_worker", cast, lambda it: it.fail(begun, "refused"))


def _zone(cast: Cast, _invoice: int, _begun: DictRow) -> Move:
    changes = '{"time_zone": "Asia/Tokyo"}'
    return by("rubis_api", cast, lambda it: it.api("update_organization", changes=changes))


# Each with whether it has to wait for the invoice.
ACTS = {
    "a click": (_click, True),
    "a button": (_button, True),
    "an undo": (_undo, True),
    "an answer in the app": (_api("answer_invoice_checkin", answer="pending"), True),
    "mark paid": (_api("mark_invoice_paid"), True),
    "cancel": (_api("cancel_invoice"), True),
    "change the amount": (_api("update_invoice", changes='{"amount_cents": 1}'), True),
    "ask again": (_api("ask_checkin_again"), True),
    "change the time zone": (_zone, False),
    "begin a mail": (_begin, False),
    "record an acceptance": (_finish, False),
    "record a failure": (_fail, False),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_invoice_locked_first_can_be_settled_afterwards(race: Race, cast: Cast, name: str) -> None:
    """A transaction that holds the invoice can go on to settle it, whatever came in between."""
    act, waits = ACTS[name]
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)

    def settle(session: Session) -> None:
        session.execute("update rubis.invoice set status = 'paid' where invoice_id = %s", [invoice_id])

    met = race.meet(
        (
            "rubis_owner",
            lambda session: session.execute(
                "select rubis.lock_invoice(%s, %s)", [cast.organization_id, invoice_id]
            ),
        ),
        act(cast, invoice_id, begun),
        meanwhile=settle,
    )
    assert met.waited == waits
    assert sqlstate(met.second) in (None, "RB409")
    assert cast.tally(invoice_id) == Tally("paid", 1, 1, 0, 0, 0)
