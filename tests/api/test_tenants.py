"""Another organization's things do not exist, through any route."""

import re

import pytest

from app.main import create_app
from app.settings import Settings
from tests.api.support import Account, Api, invoice, problem

BODIES = {
    "update_client": {"name": "Mine now"},
    "update_invoice": {"amount_cents": 1},
    "answer_invoice_checkin": {"answer": "paid"},
    "update_import_draft": {"amount_cents": 1},
    "pause_client": {"until": "2999-01-01"},
    "pause_invoice": {"until": "2999-01-01"},
    "reopen_invoice": {"reason": "mine now"},
    "put_relance_plan": {"name": "Mine now", "steps": []},
}


def routes_with_ids() -> list[tuple[str, str, str]]:
    """(method, path, operation) of every route that has an id in its path."""
    document = create_app(Settings(_env_file=None, database_url="postgresql://x")).openapi()
    return [
        (method, path, operation["operationId"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "_id}" in path
    ]


@pytest.fixture(scope="module")
def theirs(api: Api) -> Account:
    """Who owns what the others try to reach."""
    return api.register()


@pytest.mark.parametrize(("method", "path", "operation"), routes_with_ids())
def test_an_id_of_another_organization_is_404(
    api: Api, theirs: Account, method: str, path: str, operation: str
) -> None:
    """Exactly as an id that nobody has, and nothing changes for its owner."""
    owned = theirs.invoice()
    ids = {
        "invoice_id": owned["invoice_id"],
        "client_id": owned["client"]["client_id"],
        "relance_id": owned["relances"][0]["relance_id"],
        "relance_plan_id": theirs.get("relance-plan").json()["relance_plan_id"],
    }
    plans = theirs.get("relance-plans").json()
    if "import" in path:
        batch = theirs.post("import-batches", {"drafts": [{"number": owned["number"]}]})
        assert batch.status_code == 201, batch.text
        ids["import_batch_id"] = batch.json()["import_batch_id"]
        ids["import_draft_id"] = batch.json()["drafts"][0]["import_draft_id"]
    other = api.register()
    reached = other.client.request(method, path.format(**ids), json=BODIES.get(operation))
    nobodys = other.client.request(method, re.sub(r"{\w+}", str(10**12), path), json=BODIES.get(operation))
    first, second = problem(reached, 404), problem(nobodys, 404)
    assert first["reason"] == second["reason"]
    assert theirs.get(f"invoices/{owned['invoice_id']}").json() == owned
    assert theirs.get("relance-plans").json() == plans


def test_an_invoice_for_another_organizations_client_is_refused(api: Api, theirs: Account) -> None:
    """422 names the field; the same as a client nobody has."""
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
        assert other.get(path).json() == {"items": [], "next_cursor": None}
    assert other.get("invoices", cursor=cursor).json()["items"] == []


def test_numbers_and_clients_are_each_organizations_own(api: Api) -> None:
    """The same number and the same client in two organizations are two."""
    one, two = api.register().invoice(number="F-1"), api.register().invoice(number="F-1")
    assert one["client"]["client_id"] != two["client"]["client_id"]


@pytest.mark.parametrize(("method", "path", "operation"), routes_with_ids())
def test_who_is_not_signed_in_learns_nothing(api: Api, method: str, path: str, operation: str) -> None:
    """401 comes before anything is said of the id or the body."""
    url = re.sub(r"{\w+}", "x", path)
    problem(api.client().request(method, url, json={"odd": operation}), 401, "access_token__missing")
