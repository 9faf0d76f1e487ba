"""Clients are read, one or a page at a time."""

import pytest

from tests.support.story import Story


def test_an_unknown_client_is_missing(story: Story) -> None:
    """No client, no document."""
    with story.raises("RB404", "client__missing", "client_id"):
        story.api("get_client", client_id=0)


@pytest.mark.parametrize("minutes", [0, 1])
def test_pages_hold_each_client_once_newest_first(story: Story, minutes: int) -> None:
    """Walking the pages shows every client exactly once, even when all were made at the same moment."""
    made = []
    for number in range(7):
        made.append(story.client(f"Client {number}"))
        story.session.clock.advance(minutes=minutes)
    seen, cursor, pages = [], None, 0
    while pages == 0 or (cursor and pages < 9):
        page = story.api("list_clients", limit=3, cursor=cursor)
        seen += [client["client_id"] for client in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
    assert (seen, pages) == (made[::-1], 3)


def test_a_full_last_page_has_no_next(story: Story) -> None:
    """No cursor leads to an empty page."""
    for number in range(3):
        story.client(f"Client {number}")
    assert story.api("list_clients", limit=3)["next_cursor"] is None


def test_an_empty_list_is_a_list(story: Story) -> None:
    """No clients: no items, no cursor."""
    assert story.api("list_clients") == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("limit", [0, -1, 101, None])
def test_a_page_has_1_to_100(story: Story, limit: int) -> None:
    """Other sizes are refused, by name."""
    for function in ("list_clients", "list_invoices", "list_activity"):
        with story.raises("RB422", "limit__range", "limit"):
            story.api(function, limit=limit)


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
def test_an_invented_cursor_is_refused(story: Story, cursor: str) -> None:
    """Whatever it is: not base64, not text, no number, too many, too large."""
    for function in ("list_clients", "list_invoices", "list_activity"):
        with story.raises("RB422", "cursor__form", "cursor"):
            story.api(function, cursor=cursor)
