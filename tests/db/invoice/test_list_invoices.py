"""Invoices and their history are read a page at a time."""

from typing import Any

import pytest

from tests.support.cast import Cast


def billed(cast: Cast, client: str | None = None, **facts: Any) -> int:
    """An invoice of the usual client or of a new one of this name."""
    if client:
        facts |= {"client_name": client, "client_email": None}
    return cast.invoice(**facts)


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


SORTS = ["due_on", "-due_on", "created_at", "-created_at", "amount", "-amount", "client"]


@pytest.mark.parametrize("minutes", [0, 1])
@pytest.mark.parametrize("sort", [None, *SORTS])
def test_pages_hold_each_invoice_once_in_order(cast: Cast, sort: str | None, minutes: int) -> None:
    """Of each order, page by page: every invoice exactly once, also where many are equal in it."""
    for number in range(7):
        made = billed(
            cast,
            client=["Zoé", "Écart", "Eau"][number % 3],
            amount_cents=[500, 100][number % 2],
            due_on=f"2026-04-0{1 + number % 3}",
        )
        if number % 2:
            cast.update(made, status="paid" if number < 4 else "cancelled")
        cast.clock.advance(minutes=minutes)
    whole = cast.api("list_invoices", sort=sort)
    assert walk(cast, "list_invoices", sort=sort) == whole["items"]
    assert len({item["invoice_id"] for item in whole["items"]}) == 7
    field = (sort or "-created_at").lstrip("-")
    sorted_by = {"Zoé": "zoe", "Écart": "ecart", "Eau": "eau"}
    values = [
        (
            sorted_by[item["client"]["name"]] if field == "client" else item.get(field, item["amount_cents"]),
            item["invoice_id"],
        )
        for item in whole["items"]
    ]
    assert values == sorted(values, reverse=(sort or "-").startswith("-"))


def test_an_item_shows_what_is_stored(cast: Cast) -> None:
    """An item has the facts that get_invoice shows, the latest question and the letter ahead in short."""
    invoice_id = billed(cast, due_on="2026-03-02")
    cast.click(cast.ask(invoice_id), "pending")
    cast.clock.advance(days=2)
    whole = cast.document(invoice_id)
    (item,) = cast.api("list_invoices")["items"]
    assert (item["days_late"], item["user_id"]) == (2, cast.user_id)
    assert item["checkin"].items() <= whole["checkin"].items()
    assert item["relance"].items() <= whole["relances"][0].items()
    assert item["checkin"]["answer"] == "still_pending"
    same = set(item) & set(whole) - {"checkin"}
    assert len(same) == 16
    assert {key: item[key] for key in same} == {key: whole[key] for key in same}


def test_views_their_sums_and_counts(cast: Cast) -> None:
    """Overdue begins the day after the due date in the organization's zone; due_soon has seven days."""
    cast.clock.set("2026-03-31 23:30 UTC")  # 1 April in Paris
    for day in ("2026-03-31", "2026-04-01", "2026-04-07", "2026-04-08"):
        billed(cast, number=day, issued_on="2026-03-01", due_on=day, amount_cents=100)
    billed(
        cast, number="dollars", issued_on="2026-03-01", due_on="2026-03-01", amount_cents=7, currency="USD"
    )
    for number, status in (("paid", "paid"), ("gone", "cancelled")):
        cast.update(billed(cast, number=number), status=status)
    seen = {
        view: cast.api("list_invoices", view=view)
        for view in ("open", "overdue", "due_soon", "paid", "cancelled", "all")
    }
    numbers = {view: [item["number"] for item in page["items"]] for view, page in seen.items()}
    opened = ["dollars", "2026-03-31", "2026-04-01", "2026-04-07", "2026-04-08"]
    assert numbers == {
        "open": opened,
        "overdue": opened[:2],
        "due_soon": opened[2:4],
        "paid": ["paid"],
        "cancelled": ["gone"],
        "all": ["gone", "paid", "dollars", *reversed(opened[1:])],
    }
    counts = {view: len(found) for view, found in numbers.items()}
    assert [page["counts"] for page in seen.values()] == [counts] * 6
    assert seen["open"]["sums"] == [
        {"currency": "EUR", "invoices": 4, "amount_cents": 400},
        {"currency": "USD", "invoices": 1, "amount_cents": 7},
    ]
    assert [summed["invoices"] for summed in seen["overdue"]["sums"]] == [1, 1]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("f-00", ["F-001", "F-002"]),
        ("ECOLE", ["F-002"]),
        ("Cœur", ["P-9"]),
        ("coeur", ["P-9"]),
        ("ancien nom", ["P-9"]),
        ("1 234,5", ["F-001"]),
        ("1,234.56", ["F-001"]),
        ("1234 €", ["F-001"]),
        ("1234,57", []),
        ("90 EUR", ["P-9"]),
        ("%", []),
        ("  ", ["F-001", "F-002", "P-9"]),
    ],
)
def test_a_search_finds_numbers_clients_and_amounts(cast: Cast, q: str, found: list[str]) -> None:
    """Accents, case and ligatures aside; a client by a name merged into it too; amounts as typed."""
    billed(cast, number="F-001", amount_cents=123_456, client="Dupont")
    billed(cast, number="F-002", amount_cents=100, client="École Zola")
    heart = cast.document(billed(cast, number="P-9", amount_cents=9000, client="Au Cœur"))["client"][
        "client_id"
    ]
    cast.api("merge_client", client_id=cast.client("Ancien Nom"), into_client_id=heart)
    page = cast.api("list_invoices", q=q, sort="created_at")
    assert [item["number"] for item in page["items"]] == found
    assert page["counts"]["all"] == len(found)


def test_a_clients_invoices_are_those_of_its_doubles_too(cast: Cast) -> None:
    """By either id, shown as the live client's; sums and counts are of these alone."""
    mine = [billed(cast, "Dupont"), billed(cast, "Dupont et fils")]
    one, two = (cast.document(invoice_id)["client"]["client_id"] for invoice_id in mine)
    billed(cast, "Autre")
    cast.api("merge_client", client_id=one, into_client_id=two)
    for client_id in (one, two):
        page = cast.api("list_invoices", client_id=client_id, sort="created_at")
        assert [item["invoice_id"] for item in page["items"]] == mine
        assert {item["client"]["client_id"] for item in page["items"]} == {two}
        assert (page["counts"]["all"], page["sums"][0]["invoices"]) == (2, 2)
    with cast.raises("RB404", "client__missing", "client_id"):
        cast.api("list_invoices", client_id=0)


def test_a_page_is_not_shifted_by_a_new_invoice(cast: Cast) -> None:
    """What comes in while pages are walked neither repeats nor hides an invoice."""
    made = [billed(cast) for _ in range(3)]
    first = cast.api("list_invoices", limit=2)
    billed(cast)
    second = cast.api("list_invoices", limit=2, cursor=first["next_cursor"])
    assert [item["invoice_id"] for item in first["items"] + second["items"]] == made[::-1]


@pytest.mark.parametrize("field", ["view", "sort"])
def test_another_view_or_order_is_refused(cast: Cast, field: str) -> None:
    """What may be asked for is said."""
    with cast.raises("RB422", f"invoice__{field}", field):
        cast.api("list_invoices", **{field: "late"})


def test_a_cursor_of_another_order_is_refused(cast: Cast) -> None:
    """A page goes on in the order it began in."""
    for _ in range(2):
        billed(cast)
    cursor = cast.api("list_invoices", limit=1, sort="amount")["next_cursor"]
    with cast.raises("RB422", "cursor__form", "cursor"):
        cast.api("list_invoices", limit=1, sort="due_on", cursor=cursor)


def test_an_empty_list_is_a_list(cast: Cast) -> None:
    """No invoices, no activity: no items, no cursor."""
    none = dict.fromkeys(("all", "open", "overdue", "due_soon", "paid", "cancelled"), 0)
    assert cast.api("list_invoices") == {"items": [], "next_cursor": None, "sums": [], "counts": none}
    assert cast.api("list_activity") == {"items": [], "next_cursor": None}


def test_the_timeline_tells_one_invoice_and_activity_all(cast: Cast) -> None:
    """Newest first; each event once; an invoice's own alone when it is named."""
    first, second = billed(cast), billed(cast, due_on="2026-03-27")
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
        *("invoice_id", "checkin_task_id", "user_id", "data", "user_name", "number", "client_name"),
    }


def test_an_unknown_invoice_has_no_timeline(cast: Cast) -> None:
    """The timeline of an unknown invoice is missing, not empty."""
    with cast.raises("RB404", "invoice__missing", "invoice_id"):
        cast.api("list_activity", invoice_id=0)
