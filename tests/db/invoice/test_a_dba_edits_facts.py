"""A DBA's plain UPDATE of what an invoice says: recorded while it is open, refused once it is settled."""

from datetime import date
from typing import Any

import psycopg
import pytest

from tests.support.cast import Cast

EARLIER = "2026-02-01T00:00:00+00:00"


def test_a_changed_day_of_issue_is_recorded_with_both_values(cast: Cast) -> None:
    """UPDATE of issued_on writes invoice_changed with the day before and the day after."""
    invoice_id = cast.invoice()
    was = cast.row(invoice_id)["issued_on"]
    cast.update(invoice_id, issued_on=date(2026, 2, 2))
    event = cast.rows("activity_event", invoice_id)[-1]
    assert event["kind"] == "invoice_changed"
    assert event["data"] == {"issued_on": [was.isoformat(), "2026-02-02"]}


def test_a_changed_day_of_issue_leaves_the_question_as_it_is(cast: Cast) -> None:
    """UPDATE of issued_on moves neither the mailed check-in nor the relance; the link still answers."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    before = cast.task(invoice_id), cast.relance(invoice_id)
    cast.update(invoice_id, issued_on=date(2026, 2, 2))
    assert (cast.task(invoice_id), cast.relance(invoice_id)) == before
    assert cast.click(token) == "paid"


@pytest.mark.parametrize(("status", "kind"), [("paid", "invoice_paid"), ("cancelled", "invoice_cancelled")])
def test_facts_changed_while_settling_are_recorded_before_it(cast: Cast, status: str, kind: str) -> None:
    """One UPDATE of a fact and the status writes invoice_changed with that fact, then the settlement."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, status=status, amount_cents=5)
    changed, settled = cast.rows("activity_event", invoice_id)[-2:]
    assert (changed["kind"], changed["data"]) == ("invoice_changed", {"amount_cents": [120_000, 5]})
    assert settled["kind"] == kind


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        ("paid", {"paid_at": EARLIER}),
        ("paid", {"paid_via": "app"}),
        ("paid", {"status": "paid", "paid_at": EARLIER}),
        ("paid", {"status": "paid", "paid_via": "check-in"}),
        ("paid", {"issued_on": "2026-02-02"}),
        ("paid", {"status": "open", "issued_on": "2026-02-02"}),
        ("cancelled", {"cancelled_at": EARLIER}),
        ("cancelled", {"paid_at": EARLIER, "paid_via": "app"}),
        ("cancelled", {"issued_on": "2026-02-02"}),
    ],
    ids=repr,
)
def test_what_a_settled_invoice_says_cannot_change(cast: Cast, status: str, changes: dict[str, Any]) -> None:
    """UPDATE of the day of issue, the payment or the cancellation is refused and writes nothing."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, status=status)
    before = cast.effects(invoice_id)
    with cast.raises("RB409", "invoice__settled", "invoice_id"):
        cast.update(invoice_id, **changes)
    assert cast.effects(invoice_id) == before


def test_the_refusal_says_what_to_do(cast: Cast) -> None:
    """The hint of the refusal is to reopen the invoice and settle it again."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, status="paid")
    with pytest.raises(psycopg.Error) as caught, cast.session.connection.transaction():
        cast.update(invoice_id, paid_via="app")
    assert caught.value.diag.message_hint == "reopen it, then settle it again"


def test_reopened_and_settled_again_it_has_another_payment(cast: Cast) -> None:
    """What the hint advises works: the new payment has the time and the way that the UPDATE gives."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, status="paid")
    cast.update(invoice_id, status="open")
    cast.update(invoice_id, status="paid", paid_at=EARLIER, paid_via="app")
    row = cast.row(invoice_id)
    assert (row["paid_at"].isoformat(), row["paid_via"]) == (EARLIER, "app")


def test_the_same_payment_is_no_change(cast: Cast) -> None:
    """UPDATE of paid_at and paid_via to the values they have is not refused."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, status="paid")
    before = cast.effects(invoice_id)
    cast.update(invoice_id, paid_at=cast.row(invoice_id)["paid_at"], paid_via="manual")
    assert cast.effects(invoice_id) == before
