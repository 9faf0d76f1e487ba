"""Clients are merged and changed by two at a time."""

from typing import Any

from tests.support.cast import Cast
from tests.support.race import Race, by


def merge(cast: Cast, client_id: int, into_client_id: int) -> Any:
    """The user merges a client into another."""
    return cast.api("merge_client", client_id=client_id, into_client_id=into_client_id)


def exclude(cast: Cast, client_id: int) -> Any:
    """The user excludes a client from relances."""
    return cast.api("update_client", client_id=client_id, changes=cast.json({"relances_off": True}))


def test_two_merges_in_opposite_directions_make_one_client(race: Race, cast: Cast) -> None:
    """The second waits and is refused; neither waits for the other in a circle."""
    one, two = cast.client("Un"), cast.client("Deux")
    met = race.meet(
        by("rubis_api", cast, lambda it: merge(it, one, two)),
        by("rubis_api", cast, lambda it: merge(it, two, one)),
    )
    assert met.waited
    assert met.first["client_id"] == two
    assert met.second.diag.constraint_name == "client__merge_self"


def test_two_clients_of_one_address_are_changed_one_after_the_other(race: Race, cast: Cast) -> None:
    """Each change schedules the relances of both again, so both lock both."""
    one, two = cast.client("Un"), cast.client("Deux")
    for name in ("Un", "Deux", "Un", "Deux"):
        cast.invoice(client_name=name)
    met = race.meet(
        by("rubis_api", cast, lambda it: exclude(it, two)), by("rubis_api", cast, lambda it: exclude(it, one))
    )
    assert met.waited
    assert met.second["relances_off"]
