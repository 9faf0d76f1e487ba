"""What is paused, excluded or refused for an address is so under every name."""

from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.letters import proven


def reason(cast: Cast, invoice_id: int) -> Any:
    """What the relance ahead of an invoice waits for."""
    return cast.api("list_invoice_relances", invoice_id=invoice_id)["ahead"]["reason"]


@pytest.fixture
def twins(cast: Cast) -> tuple[int, int, int]:
    """A client, its twin of another name and the same address, and the twin's invoice, pending."""
    one = cast.client("Dupont SARL", "compta@dupont.test")
    two = cast.client("Autre nom", "Compta@Dupont.TEST")
    invoice_id = cast.invoice(client_id=two, client_name=None, client_email=None)
    cast.click(cast.ask(invoice_id), "pending")
    proven(cast)
    return one, two, invoice_id


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("paused_until", "2030-01-01", "paused"),
        ("paused_until", "infinity", "paused"),
        ("relances_off", True, "client_excluded"),
    ],
)
def test_it_holds_for_the_other_name_until_it_is_lifted(
    cast: Cast, twins: tuple[int, int, int], column: str, value: Any, expected: str
) -> None:
    """The letter is held or waits; lifted, it is planned again, and what held it is gone."""
    one, two, invoice_id = twins
    assert reason(cast, invoice_id) != expected
    cast.dba(f"update rubis.client set {column} = %s where client_id = %s", value, one)
    assert reason(cast, invoice_id) == expected
    cast.clock.set(cast.relance(invoice_id)["next_look_at"])
    cast.tick()
    assert cast.relance(invoice_id)["status"] in ("held", "scheduled")
    assert cast.relance(invoice_id)["status"] == "held" or value == "2030-01-01"
    lifted = None if column == "paused_until" else False
    cast.dba(f"update rubis.client set {column} = %s where client_id = %s", lifted, one)
    assert cast.relance(invoice_id)["status"] == "scheduled"
    assert reason(cast, invoice_id) != expected
    assert cast.api("get_client", client_id=two)["same_address_client_ids"] == [one]


def test_resuming_one_resumes_the_address(cast: Cast, twins: tuple[int, int, int]) -> None:
    """Under whatever name the user resumes; the timeline of the other's invoice tells both."""
    one, two, invoice_id = twins
    cast.api("pause_client", client_id=one, until="2030-01-01", reason="promised")
    assert cast.api("list_activity", invoice_id=invoice_id)["items"][0]["label"] == "same address: promised"
    cast.api("resume_client", client_id=two)
    assert cast.api("get_client", client_id=one)["pause"] is None
    assert cast.api("list_activity", invoice_id=invoice_id)["items"][0]["label"] == "same address: resumed"


def test_a_refused_address_stays_refused_for_who_still_has_it(
    cast: Cast, twins: tuple[int, int, int]
) -> None:
    """The client who moves is free; the twin is paused in its place. Another spelling is no move."""
    one, two, invoice_id = twins
    cast.dba(
        "update rubis.client set paused_until = 'infinity', pause_reason = 'address refused'"
        " where client_id = %s",
        one,
    )
    cast.api("update_client", client_id=one, changes=cast.json({"email": "COMPTA@dupont.test"}))
    assert cast.api("get_client", client_id=one)["pause"] is not None
    cast.api("update_client", client_id=one, changes=cast.json({"email": "new@dupont.test"}))
    assert cast.api("get_client", client_id=one)["pause"] is None
    assert cast.api("get_client", client_id=two)["pause"] == {"until": None, "reason": "address refused"}
    assert reason(cast, invoice_id) == "paused"


def test_another_organizations_pause_is_its_own(cast: Cast, twins: tuple[int, int, int]) -> None:
    """The same address elsewhere is not concerned."""
    other = Cast(cast.line, name="Voisin")
    other.dba(
        "update rubis.client set relances_off = true where client_id = %s",
        other.client("D", "compta@dupont.test"),
    )
    assert reason(cast, twins[2]) != "client_excluded"
