"""Clients are found as their name is typed."""

from tests.support.cast import Cast


def found(cast: Cast, q: str | None) -> list[str]:
    """Their names."""
    return [client["name"] for client in cast.api("find_clients", q=q)["items"]]


def test_a_beginning_comes_before_a_part(cast: Cast) -> None:
    """By rubis.key; a merged client and that of a sample are not found."""
    for name in ("SARL Dupont", "Dupont", "dupond", "Durand"):
        cast.client(name, None)
    clients = {client["name"]: client["client_id"] for client in cast.api("list_clients")["items"]}
    assert found(cast, "DUPON") == ["dupond", "Dupont", "SARL Dupont"]
    cast.api("merge_client", client_id=clients["dupond"], into_client_id=clients["Dupont"])
    cast.api("ask_sample")
    assert found(cast, " dup") == ["Dupont", "SARL Dupont"]
    assert found(cast, "%") == found(cast, "_") == found(cast, "exemple") == []
    assert set(found(cast, None)) == set(found(cast, "")) == {"SARL Dupont", "Dupont", "Durand"}


def test_at_most_twenty_with_their_terms(cast: Cast) -> None:
    """Beginnings first, by name; the terms are the client's own."""
    for number in range(30):
        cast.client(f"Client {number:02}", None)
    client_id = cast.client("A Client", None)
    cast.api("update_client", client_id=client_id, changes=cast.json({"terms_days": 45}))
    assert found(cast, "client") == [f"Client {number:02}" for number in range(20)]
    (one,) = cast.api("find_clients", q="a cl")["items"]
    assert one == {
        "client_id": client_id,
        "name": "A Client",
        "email": None,
        "terms_days": 45,
        "terms_end_of_month": False,
    }
