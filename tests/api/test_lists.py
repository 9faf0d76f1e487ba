"""Lists are read page by page, newest first, and no page shifts when something is added."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.support import Account, Api, problem


def pages(account: Account, path: str, limit: int, **params: Any) -> list[list[dict[str, Any]]]:
    """Every page of a list."""
    found, cursor = [], None
    while True:
        answer = account.get(path, limit=limit, **params, **({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        found.append(answer.json()["items"])
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found


@pytest.fixture(scope="module")
def busy(api: Api) -> Account:
    """An organization with 23 clients and invoices, of which many were made at the same instant."""
    account = api.register()
    for number in range(23):
        account.invoice(client={"name": f"Client {number}"}, number=f"N{number}")
        account.post("import-batches", {"drafts": [{"number": str(number)}]})
    for table in ("client", "invoice", "import_batch"):
        api.database.admin.execute(
            f"update rubis.{table} set created_at = date_trunc('day', created_at)"
            f" where organization_id = %s and {table}_id %% 3 <> 0",
            [account.organization_id],
        )
    return account


@pytest.mark.parametrize("path", ["clients", "invoices", "activity", "import-batches"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 30))
def test_pages_hold_everything_once_whatever_their_size(busy: Account, path: str, limit: int) -> None:
    """Pages of any size hold every row once, also where many rows have the same time."""
    whole = busy.get(path, limit=100).json()
    assert whole["next_cursor"] is None
    found = pages(busy, path, limit)
    assert [item for page in found for item in page] == whole["items"]
    assert all(len(page) == limit for page in found[:-1])
    assert 0 < len(found[-1]) <= limit


def test_a_page_does_not_shift_when_something_is_added(ana: Account) -> None:
    """What comes after a cursor is what came after it before."""
    for _ in range(6):
        ana.invoice()
    first = ana.get("invoices", limit=3).json()
    second = ana.get("invoices", limit=3, cursor=first["next_cursor"]).json()
    ana.invoice()
    again = ana.get("invoices", limit=3, cursor=first["next_cursor"]).json()
    assert again["items"] == second["items"]
    assert len({item["invoice_id"] for item in first["items"] + second["items"]}) == 6


def test_invoices_of_a_view(ana: Account) -> None:
    """A view has these, page by page; each page tells the sums and counts of all."""
    ids = [ana.invoice()["invoice_id"] for _ in range(5)]
    for invoice_id in ids[:3]:
        ana.post(f"invoices/{invoice_id}/mark-paid")
    ana.post(f"invoices/{ids[3]}/cancel")
    for status, expected in (("paid", ids[:3]), ("cancelled", ids[3:4]), ("open", ids[4:])):
        found = [item["invoice_id"] for page in pages(ana, "invoices", 2, view=status) for item in page]
        assert sorted(found) == sorted(expected)
        page = ana.get("invoices", view=status, limit=1).json()
        assert page["counts"][status] == page["sums"][0]["invoices"] == len(expected)


def test_a_timeline_is_of_one_invoice(ana: Account) -> None:
    """A timeline has the events of its invoice, the newest first."""
    first, other = ana.invoice()["invoice_id"], ana.invoice()["invoice_id"]
    ana.post(f"invoices/{first}/mark-paid")
    events = [event for page in pages(ana, f"invoices/{first}/timeline", 1) for event in page]
    assert [event["kind"] for event in events] == ["invoice_paid", "invoice_created"]
    assert {event["invoice_id"] for event in events} == {first}
    assert {event["invoice_id"] for event in ana.get("activity").json()["items"]} == {first, other}


@pytest.mark.parametrize("path", ["clients", "invoices", "activity", "import-batches"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", 0),
        ("limit", 101),
        ("limit", "x"),
        ("limit", ""),
        ("cursor", ""),
        ("cursor", "x" * 101),
        ("cursor", "not a cursor"),
        ("cursor", "AAAA"),
        ("cursor", "MS4y="),
        ("cursor", "\x00"),
        ("order", "asc"),
    ],
)
def test_a_bad_parameter_is_named(ana: Account, path: str, name: str, value: object) -> None:
    """A bad or unknown parameter is 422 with its name."""
    problem(ana.get(path, **{name: value}), 422, field=name)


@pytest.mark.parametrize("path", ["invoices", "clients"])
def test_what_is_asked_of_a_list_is_passed_on(ana: Account, path: str) -> None:
    """Search and order; an unknown view or order is 422 with the parameter's name."""
    for name in ("Zoé", "Écart"):
        ana.invoice(client={"name": name})
    names = [
        item.get("name") or item["client"]["name"]
        for item in ana.get(path, sort={"clients": "name", "invoices": "client"}[path]).json()["items"]
    ]
    assert names == ["Écart", "Zoé"]
    assert len(ana.get(path, q="ECART").json()["items"]) == 1
    for name in ("sort", "view"):
        problem(ana.get(path, **{name: "late"}), 422, field=name)


def test_many_invoices_are_acted_on_at_once(ana: Account) -> None:
    """Those with which it cannot be done are named, the others are done."""
    first, gone = ana.invoice()["invoice_id"], ana.invoice()["invoice_id"]
    ana.post(f"invoices/{gone}/cancel")
    answer = ana.post("bulk/invoices", {"invoice_ids": [first, gone], "act": "mark_paid"})
    assert answer.json() == {
        "done": [first],
        "refused": [{"invoice_id": gone, "reason": "invoice__cancelled"}],
    }
    problem(ana.post("bulk/invoices", {"invoice_ids": [first], "act": "pause"}), 422, field="until")


def test_a_client_its_statement_and_the_money(ana: Account) -> None:
    """What is owed is the same in the summary, the statement and the whole."""
    made = ana.invoice(amount_cents=7000)
    client = made["client"]["client_id"]
    summary = ana.get(f"clients/{client}/summary").json()
    statement = ana.get(f"clients/{client}/statement").json()
    money = ana.get("money").json()
    assert summary["owed"] == statement["owed"]
    assert (summary["owed"][0]["owed_cents"], money["currencies"][0]["owed_cents"]) == (7000, 7000)
    assert [invoice["invoice_id"] for invoice in statement["invoices"]] == [made["invoice_id"]]
    assert ana.get("clients").json()["items"][0]["owed"][0]["amount_cents"] == 7000
