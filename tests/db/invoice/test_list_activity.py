"""Events are found by kind, client and day, page by page."""

from typing import Any

import pytest

from tests.support.cast import Cast


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Two clients' invoices, one of each paid, over three days; one client was merged from two."""
    for day, client in (("2026-03-02", "A"), ("2026-03-03", "B"), ("2026-03-04", "A bis")):
        cast.clock.set(f"{day} 23:30 Europe/Paris")
        paid = cast.invoice(number=f"{client} paid", client_name=client, client_email=None)
        cast.invoice(number=f"{client} open", client_name=client, client_email=None)
        cast.api("mark_invoice_paid", invoice_id=paid)
    cast.api("merge_client", client_id=cast.client("A bis", None), into_client_id=cast.client("A", None))
    return cast


def found(cast: Cast, **filters: Any) -> list[tuple[str, str]]:
    """Kind and invoice of every event, read in pages of two."""
    seen, cursor = [], None
    while True:
        page = cast.api("list_activity", limit=2, cursor=cursor, **filters)
        seen += [(event["kind"], event["number"]) for event in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return seen


def test_filters_hold_alone_and_together(busy: Cast) -> None:
    """Of a merged client, what was its double's too; days are the organization's own."""
    everything = found(busy)
    assert len(everything) == len(set(everything)) == 10
    a, b = busy.client("A", None), busy.client("B", None)
    assert found(busy, kind=["invoice_paid"]) == [
        ("invoice_paid", f"{name} paid") for name in ("A bis", "B", "A")
    ]
    assert found(busy, client_id=b) == [event for event in everything if event[1].startswith("B")]
    assert found(busy, client_id=a) == [event for event in everything if event[1].startswith("A")]
    assert found(busy, kind=["invoice_paid", "invoice_created"], client_id=a, until="2026-03-02") == [
        event for event in everything if event[1] in ("A paid", "A open")
    ]
    day = {"from": "2026-03-03", "until": "2026-03-03"}
    assert found(busy, **day) == [event for event in everything if event[1].startswith("B")]
    assert found(busy, kind=["invoice_paid", "invoice_paid"], **day) == [("invoice_paid", "B paid")]
    assert found(busy, kind=[]) == []


def test_a_client_that_is_not_there(busy: Cast) -> None:
    """It is missing, and not without events."""
    with busy.raises("RB404", "client__missing", "client_id"):
        busy.api("list_activity", client_id=0)
