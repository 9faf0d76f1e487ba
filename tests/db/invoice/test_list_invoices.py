"""Invoices and their history are read a page at a time."""

from typing import Any

import pytest

from tests.support.cast import Cast


def walk(cast: Cast, function: str, **params: Any) -> list[Any]:
    """All items of a list, by pages of two."""
    items: list[Any] = []
    cursor = None
    for _ in range(10):
        page = cast.api(function, limit=2, cursor=cursor, **params)
        assert len(page["items"]) == 2 or page["next_cursor"] is None
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items
    pytest.fail("the pages do not end")


@pytest.mark.parametrize("minutes", [0, 1])
def test_pages_hold_each_invoice_once_newest_first(cast: Cast, minutes: int) -> None:
    """Of all statuses or of one: every invoice exactly once, as get_invoice shows it."""
    made = []
    for number in range(7):
        made.append(cast.invoice())
        if number % 2:
            cast.update(made[-1], status="paid" if number < 4 else "cancelled")
        cast.clock.advance(minutes=minutes)
    newest_first = [cast.document(invoice_id) for invoice_id in reversed(made)]
    assert walk(cast, "list_invoices") == newest_first
    for status, count in (("open", 4), ("paid", 2), ("cancelled", 1)):
        expected = [document for document in newest_first if document["status"] == status]
        assert walk(cast, "list_invoices", status=status) == expected
        assert len(expected) == count


def test_a_page_is_not_shifted_by_a_new_invoice(cast: Cast) -> None:
    """What comes in while pages are walked neither repeats nor hides an invoice."""
    made = [cast.invoice() for _ in range(3)]
    first = cast.api("list_invoices", limit=2)
    cast.invoice()
    second = cast.api("list_invoices", limit=2, cursor=first["next_cursor"])
    assert [item["invoice_id"] for item in first["items"] + second["items"]] == made[::-1]


@pytest.mark.parametrize("status", ["", "OPEN", "late"])
def test_another_status_is_refused(cast: Cast, status: str) -> None:
    """There are three statuses to ask for."""
    with cast.raises("RB422", "invoice__status", "status"):
        cast.api("list_invoices", status=status)


def test_an_empty_list_is_a_list(cast: Cast) -> None:
    """No invoices, no activity: no items, no cursor."""
    for function in ("list_invoices", "list_activity"):
        assert cast.api(function) == {"items": [], "next_cursor": None}


def test_the_timeline_tells_one_invoice_and_activity_all(cast: Cast) -> None:
    """Newest first; each event once; an invoice's own alone when it is named."""
    first, second = cast.invoice(), cast.invoice(due_on="2026-03-27")
    cast.click(cast.ask(first), "pending")
    cast.update(first, status="paid")
    everything = walk(cast, "list_activity")
    kinds = [(event["invoice_id"], event["kind"]) for event in everything]
    assert kinds == [
        (first, "invoice_paid"),
        (first, "checkin_answered"),
        (first, "checkin_sent"),
        (second, "invoice_created"),
        (first, "invoice_created"),
    ]
    assert walk(cast, "list_activity", invoice_id=first) == [
        event for event in everything if event["invoice_id"] == first
    ]
    assert set(everything[0]) == {
        *("activity_event_id", "kind", "label", "occurred_at"),
        *("invoice_id", "checkin_task_id", "user_id", "data"),
    }


def test_an_unknown_invoice_has_no_timeline(cast: Cast) -> None:
    """The timeline of an unknown invoice is missing, not empty."""
    with cast.raises("RB404", "invoice__missing", "invoice_id"):
        cast.api("list_activity", invoice_id=0)
