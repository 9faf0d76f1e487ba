"""An invoice is issued."""

from datetime import date
from typing import Any

import psycopg
import pytest

from tests.support.cast import NOW, Cast


def test_an_invoice_comes_with_check_in_and_relance(cast: Cast) -> None:
    """The answer says what the user is promised: when they are asked, when the client is reminded."""
    document = cast.api("create_invoice", **cast.facts(number="2026-001"))
    assert document == cast.document(document["invoice_id"])
    assert document["client"]["name"] == "Dupont SARL"
    assert {
        name: document[name] for name in ("number", "issued_on", "due_on", "amount_cents", "currency")
    } == {
        "number": "2026-001",
        "issued_on": "2026-03-01",
        "due_on": "2026-03-20",
        "amount_cents": 120_000,
        "currency": "EUR",
    }
    assert (document["status"], document["paid_at"], document["paid_via"]) == ("open", None, None)
    assert document["created_at"] == NOW.isoformat()
    assert (document["checkin"]["status"], document["checkin"]["scheduled_at"]) == (
        "scheduled",
        "2026-03-20T08:00:00+00:00",
    )
    (relance,) = document["relances"]
    assert (relance["step"], relance["tone"], relance["status"], relance["scheduled_at"]) == (
        *(1, "courteous", "scheduled"),
        "2026-03-23T09:00:00+00:00",
    )


def test_a_new_invoice_is_told_once(cast: Cast) -> None:
    """One event, invoice_created, by the user; no rubis."""
    invoice_id = cast.invoice()
    (event,) = cast.rows("activity_event", invoice_id)
    assert (event["kind"], event["user_id"]) == ("invoice_created", cast.user_id)
    assert cast.rows("rubis_entry", invoice_id) == []


def test_a_known_client_is_found_whatever_the_case(cast: Cast) -> None:
    """Named again in capitals it is the same client; named with another address it is another."""
    first = cast.document(cast.invoice())["client"]
    assert cast.document(cast.invoice(client_name="DUPONT Sarl"))["client"] == first
    assert cast.document(cast.invoice(client_email="x@dupont.test"))["client"] != first
    by_id = cast.invoice(client_id=first["client_id"], client_name=None, client_email=None)
    assert cast.document(by_id)["client"] == first


@pytest.mark.parametrize("both", [True, False])
def test_a_client_is_given_in_one_way(cast: Cast, both: bool) -> None:
    """Either client_id or a name; both or neither is refused."""
    facts = cast.facts(client_id=cast.client(), client_name="Dupont SARL" if both else None)
    if not both:
        facts["client_id"] = None
    with cast.raises("RB422", "invoice__one_client", "client_id"):
        cast.api("create_invoice", **facts)


def test_an_unknown_client_is_refused(cast: Cast) -> None:
    """An invoice to an unknown client is refused with the field's name, and nothing is written."""
    with cast.raises("RB422", "invoice__client", "client_id"):
        cast.invoice(client_id=0, client_name=None)


def test_a_number_in_use_names_its_invoice(cast: Cast) -> None:
    """Two open invoices cannot share a number, and the client named with the second is not made."""
    invoice_id = cast.invoice(number="2026-001")
    in_use = f"^number 2026-001 is in use by invoice {invoice_id}\n"
    with pytest.raises(psycopg.Error, match=in_use), cast.session.connection.transaction():
        cast.invoice(number="2026-001")
    with cast.raises("RB409", "invoice__number", "number"):
        cast.invoice(number="2026-001", client_name="Nouveau")
    assert [client["name"] for client in cast.api("list_clients")["items"]] == ["Dupont SARL"]


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_only_a_cancelled_invoice_frees_its_number(cast: Cast, status: str) -> None:
    """A paid invoice keeps its number; a cancelled one gives it back."""
    cast.update(cast.invoice(number="2026-001"), status=status)
    if status == "cancelled":
        assert cast.invoice(number="2026-001")
    else:
        with cast.raises("RB409", "invoice__number", "number"):
            cast.invoice(number="2026-001")


def test_the_same_number_elsewhere_is_free(cast: Cast) -> None:
    """Numbers belong to their organization."""
    cast.invoice(number="2026-001")
    assert Cast(cast.line).invoice(number="2026-001")


def test_due_before_issued_is_refused(cast: Cast) -> None:
    """The field is named; due on the day of issue is fine."""
    with cast.raises("RB422", "invoice__due_on", "due_on"):
        cast.invoice(issued_on=date(2026, 3, 2), due_on=date(2026, 3, 1))
    assert cast.invoice(issued_on=date(2026, 3, 2), due_on=date(2026, 3, 2))


@pytest.mark.parametrize(
    ("changes", "sqlstate", "constraint"),
    [
        ({"amount_cents": 0}, "23514", "amount_cents__range"),
        ({"amount_cents": None}, "23502", None),
        ({"currency": "eur"}, "23514", "currency__known"),
        ({"currency": None}, "23502", None),
        ({"number": "a\nb"}, "23514", "line__one_line"),
        ({"number": None}, "23502", None),
        ({"issued_on": None}, "23502", None),
        ({"due_on": date(3000, 1, 1)}, "23514", "calendar_day__range"),
        ({"client_name": " Dupont"}, "23514", "line__one_line"),
        ({"client_email": "Dupont"}, "23514", "email__form"),
    ],
)
def test_a_bad_field_writes_nothing(
    cast: Cast, changes: dict[str, Any], sqlstate: str, constraint: str | None
) -> None:
    """The tables' own rules hold, and a client named with a bad invoice is not made."""
    with cast.raises(sqlstate, constraint):
        cast.invoice(**{"client_name": "Nouveau", **changes})
    assert cast.api("list_clients")["items"] == []
