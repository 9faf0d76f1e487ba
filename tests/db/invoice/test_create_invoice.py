"""An invoice is issued."""

from datetime import date
from typing import Any

import psycopg
import pytest

from tests.support.story import NOW, Story


def test_it_is_returned_with_its_check_in_and_relance(story: Story) -> None:
    """The answer says what the user is promised: when they are asked, when the client is reminded."""
    document = story.api("create_invoice", **story.facts(number="2026-001"))
    assert document == story.document(document["invoice_id"])
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


def test_it_is_told_once(story: Story) -> None:
    """One event, invoice_created, by the user; no rubis."""
    invoice_id = story.invoice()
    (event,) = story.rows("activity_event", invoice_id)
    assert (event["kind"], event["user_id"]) == ("invoice_created", story.user_id)
    assert story.rows("rubis_entry", invoice_id) == []


def test_a_known_client_is_found_whatever_the_case(story: Story) -> None:
    """Named again in capitals it is the same client; named with another address it is another."""
    first = story.document(story.invoice())["client"]
    assert story.document(story.invoice(client_name="DUPONT Sarl"))["client"] == first
    assert story.document(story.invoice(client_email="x@dupont.test"))["client"] != first
    by_id = story.invoice(client_id=first["client_id"], client_name=None, client_email=None)
    assert story.document(by_id)["client"] == first


@pytest.mark.parametrize("both", [True, False])
def test_a_client_is_given_in_one_way(story: Story, both: bool) -> None:
    """Either client_id or a name; both or neither is refused."""
    facts = story.facts(client_id=story.client(), client_name="Dupont SARL" if both else None)
    if not both:
        facts["client_id"] = None
    with story.raises("RB422", "invoice__one_client", "client_id"):
        story.api("create_invoice", **facts)


def test_an_unknown_client_is_refused(story: Story) -> None:
    """The field is named; nothing is written."""
    with story.raises("RB422", "invoice__client", "client_id"):
        story.invoice(client_id=0, client_name=None)


def test_a_number_in_use_names_its_invoice(story: Story) -> None:
    """Two open invoices cannot share a number, and the client named with the second is not made."""
    invoice_id = story.invoice(number="2026-001")
    in_use = f"^number 2026-001 is in use by invoice {invoice_id}\n"
    with pytest.raises(psycopg.Error, match=in_use), story.session.connection.transaction():
        story.invoice(number="2026-001")
    with story.raises("RB409", "invoice__number", "number"):
        story.invoice(number="2026-001", client_name="Nouveau")
    assert [client["name"] for client in story.api("list_clients")["items"]] == ["Dupont SARL"]


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_only_a_cancelled_invoice_frees_its_number(story: Story, status: str) -> None:
    """A paid invoice keeps its number; a cancelled one gives it back."""
    story.update(story.invoice(number="2026-001"), status=status)
    if status == "cancelled":
        assert story.invoice(number="2026-001")
    else:
        with story.raises("RB409", "invoice__number", "number"):
            story.invoice(number="2026-001")


def test_the_same_number_elsewhere_is_free(story: Story) -> None:
    """Numbers belong to their organization."""
    story.invoice(number="2026-001")
    assert Story(story.session).invoice(number="2026-001")


def test_due_before_issued_is_refused(story: Story) -> None:
    """The field is named; due on the day of issue is fine."""
    with story.raises("RB422", "invoice__due_on", "due_on"):
        story.invoice(issued_on=date(2026, 3, 2), due_on=date(2026, 3, 1))
    assert story.invoice(issued_on=date(2026, 3, 2), due_on=date(2026, 3, 2))


@pytest.mark.parametrize(
    ("changes", "sqlstate", "constraint"),
    [
        ({"amount_cents": 0}, "23514", "amount_cents__range"),
        ({"amount_cents": None}, "23502", None),
        ({"currency": "eur"}, "23514", "currency__form"),
        ({"currency": None}, "23502", None),
        ({"number": "a\nb"}, "23514", "line__one_line"),
        ({"number": None}, "23502", None),
        ({"due_on": None}, "23502", None),
        ({"due_on": date(3000, 1, 1)}, "23514", "calendar_day__range"),
        ({"client_name": " Dupont"}, "23514", "line__one_line"),
        ({"client_email": "Dupont"}, "23514", "email__form"),
    ],
)
def test_a_bad_field_writes_nothing(
    story: Story, changes: dict[str, Any], sqlstate: str, constraint: str | None
) -> None:
    """The tables' own rules hold, and a client named with a bad invoice is not made."""
    with story.raises(sqlstate, constraint):
        story.invoice(**{"client_name": "Nouveau", **changes})
    assert story.api("list_clients")["items"] == []
