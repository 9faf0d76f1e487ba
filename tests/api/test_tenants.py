"""Another organization's things do not exist, through any route."""

import pytest

from tests.api.operations import Field, Operation, ids_in, operations, own, put, send, state
from tests.api.support import Account, Api, invoice, problem

BODIES = {
    "update_client": {"name": "Mine now"},
    "update_invoice": {"amount_cents": 1},
    "update_import_draft": {"amount_cents": 1},
    "pause_client": {"until": "2999-01-01"},
    "pause_invoice": {"until": "2999-01-01"},
}
"""In the place of the first example: what its owner would see at once."""

NOBODYS = 10**12
NO_SESSION = "0b5f6a2e-3c1d-4e8f-9a7b-6c5d4e3f2a1b"
WITH_IDS = [operation for operation in operations() if ids_in(operation.path)]
NAMING = [
    (operation, field)
    for operation in operations()
    for field in operation.fields()
    if field.name.endswith("_id")
]
"""Fields of bodies that name a row."""


def body(operation: Operation) -> object:
    """A body that its owner could send."""
    return BODIES.get(operation.name, operation.bodies()[0])


@pytest.fixture(scope="module")
def theirs(api: Api) -> Account:
    """Who owns what the others try to reach."""
    return api.register()


@pytest.fixture(scope="module")
def mine(api: Api) -> Account:
    """Who tries."""
    return api.register()


def test_every_id_is_known_here() -> None:
    """Every parameter and field that names a row is tried below, wherever it stands."""
    placed = {
        (place, name) for operation in operations() for place, name in operation.parameters if "_id" in name
    }
    assert {found for found in placed if found[0] != "path"} == {
        ("query", "client_id"),
        ("query", "but_invoice_id"),
    }
    assert {name for _, name in placed} | {field.name for _, field in NAMING} == {
        *(
            "invoice_id",
            "but_invoice_id",
            "client_id",
            "into_client_id",
            "relance_id",
            "relance_plan_id",
            "import_batch_id",
            "import_draft_id",
            "session_id",
        )
    }


@pytest.mark.parametrize("operation", WITH_IDS, ids=lambda operation: operation.name)
def test_an_id_of_another_organization_is_404(theirs: Account, mine: Account, operation: Operation) -> None:
    """Exactly as an id that does not exist, among one's own ids too, and nothing changes for its owner."""
    foreign, ours = own(theirs), own(mine)
    before = state(theirs)
    names = ids_in(operation.path)
    nobody = dict.fromkeys(names, NOBODYS) | ({"session_id": NO_SESSION} if "session_id" in names else {})
    nobodys = problem(send(mine, operation, nobody, body(operation)), 404)
    for name in names:
        for reached in ({**ours, name: foreign[name]}, foreign):
            assert problem(send(mine, operation, reached, body(operation)), 404)["reason"].endswith(
                "__missing"
            )
    assert problem(send(mine, operation, foreign, body(operation)), 404)["reason"] == nobodys["reason"]
    assert state(theirs) == before


@pytest.mark.parametrize(("operation", "field"), NAMING, ids=lambda value: getattr(value, "name", ""))
def test_a_body_that_names_another_organizations_row_is_refused(
    theirs: Account, mine: Account, operation: Operation, field: Field
) -> None:
    """422 names the field; the same as a row that does not exist."""
    foreign, ours = own(theirs), own(mine)
    before = state(theirs)
    faults = []
    for value in (foreign[field.name], NOBODYS):
        sent = put(without_another_way(body(operation)), field.way, value)
        fault = problem(send(mine, operation, ours, sent), 422)
        assert [error["field"] for error in fault["errors"]] == [field.name]
        faults.append(fault["reason"])
    assert faults[0] == faults[1] != "request__invalid"
    assert state(theirs) == before


def without_another_way(sent: object) -> object:
    """An invoice has one client: by its id, or described."""
    return (
        {name: value for name, value in sent.items() if name != "client"} if isinstance(sent, dict) else sent
    )


def test_an_invoice_for_another_organizations_client_is_refused(api: Api, theirs: Account) -> None:
    """422 names the field; the same as a client that does not exist."""
    client_id = theirs.invoice()["client"]["client_id"]
    other = api.register()
    body = invoice(client=..., client_id=client_id)
    problem(other.post("invoices", body), 422, "invoice__client", "client_id")
    mine = other.invoice()["invoice_id"]
    problem(other.patch(f"invoices/{mine}", {"client_id": client_id}), 422, "invoice__client", "client_id")


def test_lists_hold_only_ones_own(api: Api, theirs: Account) -> None:
    """However many others there are; another's cursor gives nothing of theirs."""
    for _ in range(3):
        theirs.invoice()
    cursor = theirs.get("invoices", limit=1).json()["next_cursor"]
    other = api.register()
    for path in ("invoices", "clients", "activity"):
        assert {"items": [], "next_cursor": None}.items() <= other.get(path).json().items()
    assert other.get("invoices", cursor=cursor).json()["items"] == []
    client_id = theirs.get("clients", limit=1).json()["items"][0]["client_id"]
    for someones in (client_id, NOBODYS):
        for path in ("invoices", "activity"):
            problem(other.get(path, client_id=someones), 404, "client__missing", "client_id")


def test_numbers_and_clients_are_each_organizations_own(api: Api) -> None:
    """The same number and the same client in two organizations are two."""
    one, two = api.register().invoice(number="F-1"), api.register().invoice(number="F-1")
    assert one["client"]["client_id"] != two["client"]["client_id"]


@pytest.mark.parametrize("operation", WITH_IDS, ids=lambda operation: operation.name)
def test_who_is_not_signed_in_learns_nothing(api: Api, operation: Operation) -> None:
    """401 comes before anything is said of the id or the body."""
    url = operation.url(dict.fromkeys(ids_in(operation.path), "x"))
    answer = api.client().request(operation.method, url, json={"odd": operation.name})
    problem(answer, 401, "access_token__missing")
