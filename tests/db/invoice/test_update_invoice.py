"""An open invoice is corrected."""

from typing import Any

import pytest

from tests.support.cast import Cast


def update(cast: Cast, invoice_id: int, **changes: Any) -> Any:
    """PATCH the invoice."""
    return cast.api("update_invoice", invoice_id=invoice_id, changes=cast.json(changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "X-1"},
        {"issued_on": "2026-02-01"},
        {"due_on": "2026-04-20"},
        {"amount_cents": 1},
        {"currency": "USD"},
        {"issued_on": "2026-04-01", "due_on": "2026-04-02", "amount_cents": 5},
        {},
    ],
)
def test_only_the_given_fields_of_an_invoice_change(cast: Cast, changes: dict[str, Any]) -> None:
    """Fields not given keep their value; what was asked again is in the answer."""
    invoice_id = cast.invoice()
    before = cast.document(invoice_id)
    after = update(cast, invoice_id, **changes)
    assert after == cast.document(invoice_id)
    effects = {"checkin", "relances"}
    assert {key: after[key] for key in after.keys() - effects} == {
        key: changes.get(key, before[key]) for key in before.keys() - effects
    }
    asked_anew = changes.keys() & {"number", "due_on", "amount_cents", "currency"}
    assert (after["checkin"] != before["checkin"]) == bool(asked_anew)


def test_another_client_may_owe_it(cast: Cast) -> None:
    """The invoice moves to another client of the organization, and to no other."""
    invoice_id = cast.invoice()
    client_id = cast.client("Durand")
    assert update(cast, invoice_id, client_id=client_id)["client"]["client_id"] == client_id
    with cast.raises("RB422", "invoice__client", "client_id"):
        update(cast, invoice_id, client_id=0)


def test_a_number_in_use_is_refused(cast: Cast) -> None:
    """Its own number is not in use by another; another's is; a cancelled one's is free."""
    invoice_id, other = cast.invoice(number="A"), cast.invoice(number="B")
    assert update(cast, invoice_id, number="A")["number"] == "A"
    with cast.raises("RB409", "invoice__number", "number"):
        update(cast, invoice_id, number="B")
    cast.update(other, status="cancelled")
    assert update(cast, invoice_id, number="B")["number"] == "B"


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"due_on": "2026-02-28"}, "due_on"),
        ({"issued_on": "2026-03-21"}, "issued_on"),
        ({"issued_on": "2026-03-21", "due_on": "2026-03-20"}, "due_on"),
    ],
)
def test_due_before_issued_is_refused(cast: Cast, changes: dict[str, Any], column: str) -> None:
    """A due date before the day of issue is refused with the name of a field that was given."""
    invoice_id = cast.invoice()
    with cast.raises("RB422", "invoice__due_on", column):
        update(cast, invoice_id, **changes)


@pytest.mark.parametrize(
    ("changes", "constraint", "column"),
    [
        ({"status": "paid"}, "changes__unknown_field", "status"),
        ({"organization_id": 1}, "changes__unknown_field", "organization_id"),
        ({"paid_at": "2026-01-01"}, "changes__unknown_field", "paid_at"),
        ({"user_id": 1}, "changes__unknown_field", "user_id"),
        ({"due_on": None}, "changes__null", "due_on"),
        ({"client_id": None}, "changes__null", "client_id"),
    ],
)
def test_other_changes_of_an_invoice_are_refused(
    cast: Cast, changes: dict[str, Any], constraint: str, column: str
) -> None:
    """A status is not set by hand here, nor is a field emptied."""
    invoice_id = cast.invoice()
    before = cast.effects(invoice_id)
    with cast.raises("RB422", constraint, column):
        update(cast, invoice_id, **changes)
    assert cast.effects(invoice_id) == before


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_a_settled_invoice_is_refused(cast: Cast, status: str) -> None:
    """Reopen it first; a change to the same value is none."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, status=status)
    with cast.raises("RB409", "invoice__settled", "invoice_id"):
        update(cast, invoice_id, amount_cents=1)
    assert update(cast, invoice_id, amount_cents=120_000)["status"] == status


def test_the_table_s_rules_hold(cast: Cast) -> None:
    """An amount below one cent, a number of two lines."""
    invoice_id = cast.invoice()
    with cast.raises("23514", "amount_cents__range"):
        update(cast, invoice_id, amount_cents=-1)
    with cast.raises("23514", "line__one_line"):
        update(cast, invoice_id, number="a\r\nBcc: b@c")


def test_an_unknown_invoice_is_missing(cast: Cast) -> None:
    """A change of an unknown invoice is refused."""
    with cast.raises("RB404", "invoice__missing", "invoice_id"):
        update(cast, 0, amount_cents=1)


def test_a_client_may_be_named(cast: Cast) -> None:
    """Found by its name, or made; not beside client_id."""
    invoice_id = cast.invoice(client_name="Dupont", client_email=None)
    for name in ("Durand", "DURAND", "Dupont"):
        changes = {"client": {"name": name, "email": None}}
        changed = cast.api("update_invoice", invoice_id=invoice_id, changes=cast.json(changes))
        assert changed["client"]["name"].lower() == name.lower()
    assert len(cast.api("list_clients")["items"]) == 2
    with cast.raises("RB422", "invoice__one_client", "client_id"):
        both = {"client_id": cast.client(), "client": {"name": "A"}}
        cast.api("update_invoice", invoice_id=invoice_id, changes=cast.json(both))
