"""A client's name or address is corrected."""

from typing import Any

import pytest

from tests.support.cast import Cast


@pytest.mark.parametrize(
    "changes",
    [{"name": "Durand"}, {"email": "new@durand.test"}, {"email": None}, {}, {"name": "A", "email": "b@c"}],
)
def test_only_the_given_fields_of_a_client_change(cast: Cast, changes: dict[str, Any]) -> None:
    """Fields not given keep their value; the address may be emptied."""
    client_id = cast.client()
    before = cast.api("get_client", client_id=client_id)
    after = cast.api("update_client", client_id=client_id, changes=cast.json(changes))
    assert after == {**before, **changes} == cast.api("get_client", client_id=client_id)


def test_the_open_invoices_show_it_and_ask_nothing_anew(cast: Cast) -> None:
    """The client is another row: a corrected spelling is no new question."""
    invoice_id = cast.invoice()
    before = cast.effects(invoice_id)
    client_id = cast.row(invoice_id)["client_id"]
    cast.api("update_client", client_id=client_id, changes=cast.json({"name": "Dupond"}))
    assert cast.effects(invoice_id) == before
    assert cast.document(invoice_id)["client"]["name"] == "Dupond"


def test_another_clients_name_is_refused(cast: Cast) -> None:
    """A client cannot take the name and address of another."""
    cast.client("Dupont", None)
    client_id = cast.client("Durand", None)
    with cast.raises("RB409", "client__name_email", "name"):
        cast.api("update_client", client_id=client_id, changes=cast.json({"name": "DUPONT"}))


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
def test_other_changes_of_a_client_are_refused(
    cast: Cast, changes: Any, constraint: str, column: str | None
) -> None:
    """Only an object of fields that may change, none of them empty where a value is needed."""
    client_id = cast.client()
    with cast.raises("RB422", constraint, column):
        cast.api("update_client", client_id=client_id, changes=cast.json(changes))


def test_a_client_without_changes_is_refused(cast: Cast) -> None:
    """Changes that are SQL's null are refused, as they are no object."""
    with cast.raises("RB422", "changes__object"):
        cast.api("update_client", client_id=cast.client(), changes=None)


def test_an_unknown_client_is_missing(cast: Cast) -> None:
    """A change of an unknown client is refused."""
    with cast.raises("RB404", "client__missing", "client_id"):
        cast.api("update_client", client_id=0, changes=cast.json({"name": "A"}))
