"""Clients are merged and changed by two at a time."""

from typing import Any

from tests.support.flow import Flow
from tests.support.race import Move, Race

ADDRESS = "shared@clients.test"


def client(flow: Flow, name: str) -> int:
    """A client; all have one address."""
    made = flow.api.call(
        "api.create_client",
        p_access_token_hash=flow.access,
        p_name=name,
        p_email=ADDRESS,
    )
    client_id: int = made["client_id"]
    return client_id


def move(flow: Flow, function: str, **params: Any) -> Move:
    """The user calls a function."""
    return "rubis_api", lambda session: session.call(function, p_access_token_hash=flow.access, **params)


def test_two_merges_in_opposite_directions_make_one_client(race: Race, flow: Flow) -> None:
    """The second waits and is refused; neither waits for the other in a circle."""
    one, two = client(flow, "Un"), client(flow, "Deux")
    met = race.meet(
        move(flow, "api.merge_client", p_client_id=one, p_into_client_id=two),
        move(flow, "api.merge_client", p_client_id=two, p_into_client_id=one),
    )
    assert met.waited
    assert met.first["client_id"] == two
    assert met.second.diag.constraint_name == "client__merge_self"


def test_two_clients_of_one_address_are_changed_one_after_the_other(race: Race, flow: Flow) -> None:
    """Each change schedules the relances of both again, so both lock both."""
    both = client(flow, "Un"), client(flow, "Deux")
    for name in ("Un", "Deux", "Un", "Deux"):
        flow.issue(p_client_name=name, p_client_email=ADDRESS)
    for moves in (both, both[::-1]):
        met = race.meet(
            *(
                move(flow, "api.update_client", p_client_id=client_id, p_changes='{"relances_off": true}')
                for client_id in moves
            )
        )
        assert met.waited
        assert met.second["relances_off"]
