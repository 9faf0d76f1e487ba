"""Two clients that are one are made one."""

import pytest

from tests.support.cast import Cast


@pytest.fixture
def doubles(cast: Cast) -> tuple[int, int]:
    """Two clients, one of whom has an invoice."""
    one = cast.client("Dupont SARL", "compta@dupont.test")
    two = cast.client("S.A.R.L. Dupont", "dupont@ailleurs.test")
    return one, two


def merge(cast: Cast, client_id: int, into_client_id: int) -> int:
    """Merge through the API; returns the client_id of the document."""
    merged: int = cast.api("merge_client", client_id=client_id, into_client_id=into_client_id)["client_id"]
    return merged


def test_all_that_is_asked_of_it_is_answered_for_the_other(cast: Cast, doubles: tuple[int, int]) -> None:
    """Its document, its name, a new invoice and the list lead to the client it is merged into."""
    one, two = doubles
    assert merge(cast, one, two) == two
    assert merge(cast, one, two) == two
    assert cast.api("get_client", client_id=one)["client_id"] == two
    assert [client["client_id"] for client in cast.api("list_clients")["items"]] == [two]
    assert cast.client("DUPONT sarl", "compta@dupont.test") == two
    assert cast.client("Dupont SARL", None) == two
    for facts in ({}, {"client_id": one, "client_name": None, "client_email": None}):
        assert cast.document(cast.invoice(**facts))["client"]["client_id"] == two
    assert cast.api("update_client", client_id=one, changes=cast.json({"locale": "en"}))["locale"] == "en"
    with cast.raises("RB409", "client__name_email", "name"):
        cast.api("create_client", name="Dupont SARL", email="compta@dupont.test")


def test_its_invoices_stay_and_are_chased_as_the_others_are(cast: Cast, doubles: tuple[int, int]) -> None:
    """Address, language and plan of the other one count; the timeline and the plan ahead say so."""
    one, two = doubles
    plan = cast.api(
        "create_relance_plan", name="Patient", steps=cast.json([{"days_after_due": 30, "tone": "firm"}])
    )["relance_plan_id"]
    cast.api("update_client", client_id=two, changes=cast.json({"relance_plan_id": plan, "locale": "en"}))
    invoice_id = cast.invoice()
    assert cast.relance(invoice_id)["tone"] == "courteous"
    merge(cast, one, two)
    assert cast.dba("select client_id from rubis.invoice where invoice_id = %s", invoice_id) == [
        {"client_id": one}
    ]
    assert cast.relance(invoice_id)["tone"] == "firm"
    letter = cast.api("preview_relance", invoice_id=invoice_id)["letter"]
    assert (letter["to_address"], letter["client_name"], letter["locale"]) == (
        "dupont@ailleurs.test",
        "S.A.R.L. Dupont",
        "en",
    )
    event = cast.api("list_activity", invoice_id=invoice_id)["items"][0]
    assert (event["kind"], event["label"], event["data"]) == (
        "client_merged",
        "client Dupont SARL is S.A.R.L. Dupont",
        {"client_id": [one, two]},
    )
    cast.api("pause_client", client_id=two, until="2030-01-01", reason="promised")
    assert cast.api("list_activity", invoice_id=invoice_id)["items"][0]["label"] == "client: promised"


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_chain_is_one_step_and_no_circle(cast: Cast, doubles: tuple[int, int], *, by_hand: bool) -> None:
    """A client merged before follows; a client is merged neither into itself nor into one that is it."""
    one, two = doubles
    three = cast.client("Dupont et fils", "fils@dupont.test")

    def join(client_id: int, into_client_id: int) -> None:
        if by_hand:
            cast.dba(
                "update rubis.client set merged_into_client_id = %s where client_id = %s",
                into_client_id,
                client_id,
            )
        else:
            merge(cast, client_id, into_client_id)

    with cast.raises("RB422", "client__merge_self", "into_client_id"):
        join(one, one)
    join(one, two)
    with cast.raises("RB422", "client__merge_self", "into_client_id"):
        join(two, one)
    join(two, three)
    assert [
        row["merged_into_client_id"]
        for row in cast.dba("select merged_into_client_id from rubis.client order by client_id")
    ] == [three, three, None]
    if not by_hand:
        with cast.raises("RB409", "client__merged", "client_id"):
            join(one, cast.client("Durand", None))
    four = cast.client("Quatre", None)
    join(four, one)
    assert cast.api("get_client", client_id=four)["client_id"] == three


def test_a_merge_lets_no_letter_go(cast: Cast, doubles: tuple[int, int]) -> None:
    """Exclusion and pause go over to the other client; a refused address stays refused."""
    one, two = doubles
    twin = cast.client("Dupont, même adresse", "compta@dupont.test")
    cast.dba(
        "update rubis.client"
        " set relances_off = true, paused_until = 'infinity', pause_reason = 'address refused'"
        " where client_id = %s",
        one,
    )
    merge(cast, one, two)
    document = cast.api("get_client", client_id=two)
    assert (document["relances_off"], document["pause"]) == (True, None)
    assert cast.api("get_client", client_id=twin)["pause"] == {"until": None, "reason": "address refused"}


def test_a_merge_taken_back_by_a_dba_separates_them(cast: Cast, doubles: tuple[int, int]) -> None:
    """The invoices are the client's own again, and say so."""
    one, two = doubles
    invoice_id = cast.invoice()
    merge(cast, one, two)
    cast.dba("update rubis.client set merged_into_client_id = null where client_id = %s", one)
    assert cast.document(invoice_id)["client"]["client_id"] == one
    event = cast.api("list_activity", invoice_id=invoice_id)["items"][0]
    assert (event["kind"], event["data"]) == ("client_merged", {"client_id": [two, one]})


def test_another_organizations_client_is_no_target(cast: Cast, doubles: tuple[int, int]) -> None:
    """422 for the field, 404 for the path, as for an id that no client has."""
    other = Cast(cast.line, name="Voisin")
    foreign = other.client()
    with cast.raises("RB422", "client__merged_into", "into_client_id"):
        merge(cast, doubles[0], foreign)
    with cast.raises("RB404", "client__missing", "client_id"):
        merge(cast, foreign, doubles[0])
