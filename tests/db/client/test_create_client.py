"""A client is added."""

import pytest

from tests.support.cast import NOW, Cast


def test_a_client_is_returned_as_stored(cast: Cast) -> None:
    """Name, address and moment; the address may be missing."""
    client = cast.api("create_client", name="Dupont SARL", email="compta@dupont.test")
    assert client == cast.api("get_client", client_id=client["client_id"])
    assert (client["name"], client["email"]) == ("Dupont SARL", "compta@dupont.test")
    assert client["created_at"] == NOW.isoformat()
    assert cast.api("create_client", name="Sans adresse", email=None)["email"] is None


@pytest.mark.parametrize(
    ("name", "email"), [("Dupont SARL", "compta@dupont.test"), ("DUPONT sarl", "Compta@Dupont.TEST")]
)
def test_the_same_client_twice_is_refused(cast: Cast, name: str, email: str) -> None:
    """Name and address, whatever their case, stand for one client."""
    cast.api("create_client", name="Dupont SARL", email="compta@dupont.test")
    with cast.raises("RB409", "client__name_email", "name"):
        cast.api("create_client", name=name, email=email)


def test_the_same_name_elsewhere_is_another_client(cast: Cast) -> None:
    """Two Duponts with two addresses, or without one, are two clients; two without an address are one."""
    for email in ("a@dupont.test", "b@dupont.test", None):
        cast.api("create_client", name="Dupont", email=email)
    with cast.raises("RB409", "client__name_email", "name"):
        cast.api("create_client", name="Dupont", email=None)


def test_each_organization_has_its_own_clients(cast: Cast) -> None:
    """Another organization's clients are not in the way."""
    cast.api("create_client", name="Dupont", email=None)
    assert Cast(cast.line).api("create_client", name="Dupont", email=None)["name"] == "Dupont"


@pytest.mark.parametrize(
    ("sqlstate", "name", "email"),
    [("23514", "Dupont", "not an address"), ("23514", "Dupont\n", None), ("23502", None, None)],
)
def test_a_bad_field_is_refused(cast: Cast, sqlstate: str, name: str, email: str) -> None:
    """A client that breaks a rule of the table is refused."""
    with cast.raises(sqlstate):
        cast.api("create_client", name=name, email=email)
