"""Clients are read, one or a page at a time."""

import pytest

from tests.support.cast import Cast


def test_an_unknown_client_is_missing(cast: Cast) -> None:
    """An unknown client has no document."""
    with cast.raises("RB404", "client__missing", "client_id"):
        cast.api("get_client", client_id=0)


@pytest.mark.parametrize("minutes", [0, 1])
def test_pages_hold_each_client_once_newest_first(cast: Cast, minutes: int) -> None:
    """Walking the pages shows every client exactly once, even when all were made at the same moment."""
    made = []
    for number in range(7):
        made.append(cast.client(f"Client {number}"))
        cast.clock.advance(minutes=minutes)
    seen, cursor, pages = [], None, 0
    while pages == 0 or (cursor and pages < 9):
        page = cast.api("list_clients", limit=3, cursor=cursor)
        seen += [client["client_id"] for client in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
    assert (seen, pages) == (made[::-1], 3)


def test_a_full_last_page_has_no_next(cast: Cast) -> None:
    """A last page that is full has no cursor to an empty one."""
    for number in range(3):
        cast.client(f"Client {number}")
    assert cast.api("list_clients", limit=3)["next_cursor"] is None


def test_an_empty_list_is_a_list(cast: Cast) -> None:
    """A list without clients has no items and no cursor."""
    assert cast.api("list_clients") == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("limit", [0, -1, 101, None])
def test_a_page_has_1_to_100(cast: Cast, limit: int) -> None:
    """A page of no rows or of more than 100 is refused, with the parameter's name."""
    for function in ("list_clients", "list_invoices", "list_activity"):
        with cast.raises("RB422", "limit__range", "limit"):
            cast.api(function, limit=limit)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "AAAA",
        "MTIz",
        "MTIz.MTIz",
        "LjE",
        "MS4",
        "MS4yLjM",
        "OTk5OTk5OTk5OTk5OTk5OTk5OTk5LjE",
        "\n",
    ],
)
def test_an_invented_cursor_is_refused(cast: Cast, cursor: str) -> None:
    """Whatever it is: not base64, not text, no number, too many, too large."""
    for function in ("list_clients", "list_invoices", "list_activity"):
        with cast.raises("RB422", "cursor__form", "cursor"):
            cast.api(function, cursor=cursor)
