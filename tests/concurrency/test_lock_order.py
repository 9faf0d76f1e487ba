"""The one order of locks: who waits for an invoice holds neither its check-in nor its relance meanwhile."""

from collections.abc import Callable

import pytest

from app.core.security import new_token, token_hash
from tests.support.flow import Facts, Flow
from tests.support.race import Move, Race, sqlstate
from tests.support.session import Session


def _api(function: str, **params: object) -> Callable[[Flow, int, bytes, int], Move]:
    def make(flow: Flow, invoice_id: int, _hash: bytes, _mail: int) -> Move:
        def step(session: Session) -> object:
            return session.call(function, p_access_token_hash=flow.access, p_invoice_id=invoice_id, **params)

        return "rubis_api", step

    return make


def _click(flow: Flow, _invoice: int, hashed: bytes, _mail: int) -> Move:
    return "rubis_api", lambda session: flow.answer(hashed, "paid", session)


def _button(flow: Flow, _invoice: int, hashed: bytes, _mail: int) -> Move:
    return "rubis_api", lambda session: flow.press(hashed, "pending", session)


def _undo(flow: Flow, _invoice: int, hashed: bytes, _mail: int) -> Move:
    return "rubis_api", lambda session: flow.undo(hashed, session)


def _begin(flow: Flow, invoice_id: int, _hash: bytes, _mail: int) -> Move:
    return "rubis_worker", lambda session: flow.begin_as(session, invoice_id, token_hash(new_token()))


def _finish(flow: Flow, _invoice: int, _hash: bytes, mail_id: int) -> Move:
    return "rubis_worker", lambda session: flow.finish(mail_id, session)


def _fail(flow: Flow, _invoice: int, _hash: bytes, mail_id: int) -> Move:
    return "rubis_worker", lambda session: flow.fail(mail_id, "refused", session)


def _zone(flow: Flow, _invoice: int, _hash: bytes, _mail: int) -> Move:
    changes = '{"time_zone": "Asia/Tokyo"}'
    return "rubis_api", lambda session: session.call(
        "api.update_organization", p_access_token_hash=flow.access, p_changes=changes
    )


# Each with whether it has to wait for the invoice.
ACTS = {
    "a click": (_click, True),
    "a button": (_button, True),
    "an undo": (_undo, True),
    "an answer in the app": (_api("api.answer_invoice_checkin", p_answer="pending"), True),
    "mark paid": (_api("api.mark_invoice_paid"), True),
    "cancel": (_api("api.cancel_invoice"), True),
    "change the amount": (_api("api.update_invoice", p_changes='{"amount_cents": 1}'), True),
    "ask again": (_api("api.ask_checkin_again"), True),
    "change the time zone": (_zone, True),
    "begin a mail": (_begin, True),
    "record an acceptance": (_finish, False),
    "record a failure": (_fail, False),
}


@pytest.mark.parametrize("name", ACTS)
def test_settled_in_two_steps(race: Race, flow: Flow, name: str) -> None:
    """A transaction that holds the invoice can go on to settle it, whoever came in between."""
    act, waits = ACTS[name]
    invoice_id = flow.issue()
    flow.queue()
    hashed, mail_id = flow.begin(invoice_id)

    def settle(session: Session) -> None:
        session.execute("update rubis.invoice set status = 'paid' where invoice_id = %s", [invoice_id])

    met = race.meet(
        (
            "rubis_owner",
            lambda session: session.execute(
                "select rubis.lock_invoice(%s, %s)", [flow.organization_id, invoice_id]
            ),
        ),
        act(flow, invoice_id, hashed, mail_id),
        meanwhile=settle,
    )
    assert met.waited == waits
    assert sqlstate(met.second) in (None, "RB409")
    assert flow.facts(invoice_id) == Facts("paid", 1, 1, 0, 0, 0)
