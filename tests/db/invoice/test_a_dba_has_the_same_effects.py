"""A DBA's plain statements, the API's calls and a click write the same rows, to the microsecond."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.history import HISTORY

ASKED = ["scheduled", "queued", "sending", "sent", "failed", "expired"]


def twins(cast: Cast) -> tuple[int, int]:
    """Two invoices alike but for their number: one by the API, one by a plain INSERT."""
    return cast.invoice(), cast.insert()


def differing_label(effects: dict[str, Any]) -> dict[str, Any]:
    """Effects without what tells by whom the invoice was paid."""
    for event in effects["activity_event"]:
        if event["kind"] == "invoice_paid":
            event["label"] = None
    effects["invoice"][0]["paid_via"] = None
    return effects


def test_inserting_is_creating(cast: Cast) -> None:
    """INSERT of an invoice equals api.create_invoice, the issuer included."""
    by_api, by_dba = twins(cast)
    assert cast.effects(by_api) == cast.effects(by_dba)
    assert cast.row(by_dba)["user_id"] == cast.user_id
    assert [len(cast.rows(table, by_dba)) for table in HISTORY] == [1, 1, 0, 1]


@pytest.mark.parametrize(
    ("function", "columns"),
    [("mark_invoice_paid", {"status": "paid"}), ("cancel_invoice", {"status": "cancelled"})],
)
@pytest.mark.parametrize("asked", ASKED)
def test_updating_the_status_is_settling(
    cast: Cast, function: str, columns: dict[str, Any], asked: str
) -> None:
    """UPDATE of the status equals mark-paid and cancel, whatever became of the check-in."""
    by_api, by_dba = twins(cast)
    bring_both(cast, by_api, by_dba, asked)
    cast.api(function, invoice_id=by_api)
    cast.update(by_dba, **columns)
    assert cast.effects(by_api) == cast.effects(by_dba)


@pytest.mark.parametrize(
    "changes",
    [
        {"due_on": date(2026, 4, 1)},
        {"due_on": date(2026, 3, 1)},
        {"amount_cents": 1},
        {"currency": "CHF"},
        {"issued_on": date(2026, 2, 2)},
        {"amount_cents": 1, "due_on": date(2026, 5, 1), "issued_on": date(2026, 2, 2)},
    ],
    ids=repr,
)
@pytest.mark.parametrize("asked", ["scheduled", "sent"])
def test_updating_the_facts_is_changing(cast: Cast, changes: dict[str, Any], asked: str) -> None:
    """UPDATE of facts equals api.update_invoice."""
    by_api, by_dba = twins(cast)
    bring_both(cast, by_api, by_dba, asked)
    cast.api(
        "update_invoice",
        invoice_id=by_api,
        changes=cast.json({name: str(value) for name, value in changes.items()}),
    )
    cast.update(by_dba, **changes)
    assert cast.effects(by_api) == cast.effects(by_dba)


@pytest.mark.parametrize("asked", ["sending", "sent", "failed"])
def test_a_paid_click_is_marking_paid(cast: Cast, asked: str) -> None:
    """The click's effects are mark-paid's but the label; its question was answered instead of dropped."""
    by_click, by_api = twins(cast)
    begun = bring_both(cast, by_click, by_api, asked)
    cast.click(begun["token"])
    cast.api("mark_invoice_paid", invoice_id=by_api)
    click, api = differing_label(cast.effects(by_click)), differing_label(cast.effects(by_api))
    (answered,), (dropped,) = click.pop("checkin_task"), api.pop("checkin_task")
    assert click == api
    told = ("status", "answer", "answered_at", "answered_via", "receipt_at", "ended_at", "end_reason")
    assert {**answered, **dict.fromkeys(told)} == {**dropped, **dict.fromkeys(told)}
    assert answered["status"] == "answered"


@pytest.mark.parametrize("settle", ["api", "dba", "click"])
def test_each_payment_is_labelled(cast: Cast, settle: str) -> None:
    """By hand it is `manual`, by a click `via check-in`; a DBA may say which."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    ways: dict[str, Callable[[], Any]] = {
        "api": lambda: cast.api("mark_invoice_paid", invoice_id=invoice_id),
        "dba": lambda: cast.update(invoice_id, status="paid", paid_via="check-in"),
        "click": lambda: cast.click(token),
    }
    ways[settle]()
    label = "manual" if settle == "api" else "via check-in"
    assert cast.events(invoice_id)[-1] == ("invoice_paid", label)


def test_one_update_of_many_settles_each(cast: Cast) -> None:
    """UPDATE of several invoices has every one's effects."""
    invoices = [cast.invoice() for _ in range(10)]
    cast.dba(
        "update rubis.invoice set status = 'paid' where organization_id = %s and status = 'open'",
        cast.organization_id,
    )
    assert cast.rubis() == 10
    for invoice_id in invoices:
        assert (
            cast.task(invoice_id)["end_reason"] == cast.relance(invoice_id)["cancel_reason"] == "invoice paid"
        )


def test_a_dbas_own_dates_stand(cast: Cast) -> None:
    """paid_at and cancelled_at given by the statement are kept; paid_at without payment is refused."""
    paid, cancelled, neither = cast.invoice(), cast.invoice(), cast.invoice()
    cast.update(paid, status="paid", paid_at="2026-02-01T00:00:00Z")
    cast.update(cancelled, status="cancelled", cancelled_at="2026-02-01T00:00:00Z")
    assert cast.row(paid)["paid_at"] == cast.row(cancelled)["cancelled_at"]
    with cast.raises("23514", "invoice__paid_facts"):
        cast.update(neither, paid_at="2026-02-01T00:00:00Z")


def test_paid_again_by_update_keeps_the_first(cast: Cast) -> None:
    """A repeated UPDATE of the status changes nothing."""
    invoice_id = cast.invoice()
    cast.click(cast.ask(invoice_id))
    before = cast.effects(invoice_id)
    cast.clock.advance(days=1)
    cast.update(invoice_id, status="paid")
    assert cast.effects(invoice_id) == before


def bring_both(cast: Cast, one: int, other: int, asked: str) -> Any:
    """Bring two invoices' check-ins to this status by the same mail; returns the first one's attempt."""
    if asked == "scheduled":
        return {}
    begun = cast.bring(one, "sent" if asked == "expired" else asked)
    assert cast.task(one)["status"] == cast.task(other)["status"]
    if asked == "expired":
        cast.clock.advance(hours=24)
        cast.tick()
    return begun
