"""A client's name or address is corrected."""

from typing import Any

import pytest

from tests.support.story import Story


@pytest.mark.parametrize(
    "changes",
    [{"name": "Durand"}, {"email": "new@durand.test"}, {"email": None}, {}, {"name": "A", "email": "b@c"}],
)
def test_only_the_given_fields_change(story: Story, changes: dict[str, Any]) -> None:
    """Fields not given keep their value; the address may be emptied."""
    client_id = story.client()
    before = story.api("get_client", client_id=client_id)
    after = story.api("update_client", client_id=client_id, changes=story.json(changes))
    assert after == {**before, **changes} == story.api("get_client", client_id=client_id)


def test_the_open_invoices_show_it_and_ask_nothing_anew(story: Story) -> None:
    """The client is another row: a corrected spelling is no new question."""
    invoice_id = story.invoice()
    before = story.effects(invoice_id)
    client_id = story.row(invoice_id)["client_id"]
    story.api("update_client", client_id=client_id, changes=story.json({"name": "Dupond"}))
    assert story.effects(invoice_id) == before
    assert story.document(invoice_id)["client"]["name"] == "Dupond"


def test_another_clients_name_is_refused(story: Story) -> None:
    """It cannot become a client that exists."""
    story.client("Dupont", None)
    client_id = story.client("Durand", None)
    with story.raises("RB409", "client__name_email", "name"):
        story.api("update_client", client_id=client_id, changes=story.json({"name": "DUPONT"}))


@pytest.mark.parametrize(
    ("changes", "constraint", "column"),
    [
        ({"name": None}, "changes__null", "name"),
        ({"client_id": 1}, "changes__unknown_field", "client_id"),
        ({"organization_id": 1}, "changes__unknown_field", "organization_id"),
        ({"created_at": "2000-01-01"}, "changes__unknown_field", "created_at"),
        ([], "changes__object", None),
        (None, "changes__object", None),
        ("name", "changes__object", None),
    ],
)
def test_other_changes_are_refused(story: Story, changes: Any, constraint: str, column: str | None) -> None:
    """Only an object of fields that may change, none of them empty where a value is needed."""
    client_id = story.client()
    with story.raises("RB422", constraint, column):
        story.api("update_client", client_id=client_id, changes=story.json(changes))


def test_no_changes_at_all_is_refused(story: Story) -> None:
    """SQL's null is no object either."""
    with story.raises("RB422", "changes__object"):
        story.api("update_client", client_id=story.client(), changes=None)


def test_an_unknown_client_is_missing(story: Story) -> None:
    """No client, no change."""
    with story.raises("RB404", "client__missing", "client_id"):
        story.api("update_client", client_id=0, changes=story.json({"name": "A"}))
