"""Import batches over HTTP: drafts may be incomplete until they are validated, once."""

from typing import Any

import pytest

from tests.api.support import Account, problem

DRAFT = {
    "number": "2026-117",
    "client_name": "Dupont SARL",
    "client_email": "compta@dupont.example",
    "issued_on": "2026-11-02",
    "due_on": "2030-12-02",
    "amount_cents": 120000,
    "currency": "EUR",
}


def batch(account: Account, *drafts: dict[str, Any]) -> dict[str, Any]:
    """A batch just imported."""
    answer = account.post("import-batches", {"drafts": list(drafts)})
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def path_of(draft: dict[str, Any]) -> str:
    return f"import-batches/{draft['import_batch_id']}/drafts/{draft['import_draft_id']}"


def test_a_draft_is_completed_validated_once_and_becomes_an_invoice(ana: Account) -> None:
    """Its check-in is scheduled with it; validating again gives the same invoice."""
    imported = batch(ana, DRAFT | {"amount_cents": None}, {})
    draft = imported["drafts"][0]
    assert [item["position"] for item in imported["drafts"]] == [1, 2]
    problem(ana.post(f"{path_of(draft)}/validate"), 422, field="amount_cents")
    changed = ana.patch(path_of(draft), {"amount_cents": 99, "client_email": None}).json()
    assert changed == draft | {"amount_cents": 99, "client_email": None, "doubts": []}
    answer = ana.post(f"{path_of(draft)}/validate")
    assert answer.status_code == 201
    invoice = answer.json()
    assert (invoice["amount_cents"], invoice["checkin"]["status"]) == (99, "scheduled")
    assert ana.post(f"{path_of(draft)}/validate").json() == invoice
    kept = ana.get(f"import-batches/{imported['import_batch_id']}").json()["drafts"][0]
    assert (kept["status"], kept["invoice_id"]) == ("validated", invoice["invoice_id"])
    problem(ana.patch(path_of(draft), {"amount_cents": 1}), 409)
    problem(ana.post(f"{path_of(draft)}/discard"), 409)


def test_a_draft_is_discarded(ana: Account) -> None:
    """A discarded draft can no longer be validated or changed."""
    draft = batch(ana, DRAFT)["drafts"][0]
    assert ana.post(f"{path_of(draft)}/discard").json()["status"] == "discarded"
    problem(ana.post(f"{path_of(draft)}/validate"), 409)
    problem(ana.patch(path_of(draft), {"number": "X"}), 409)
    assert ana.get("invoices").json()["items"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "a\nb"),
        ("client_name", ""),
        ("client_email", "a"),
        ("issued_on", "soon"),
        ("due_on", 20301202),
        ("amount_cents", "120000"),
        ("amount_cents", 0),
        ("currency", "€"),
        ("status", "validated"),
    ],
)
def test_a_bad_field_of_a_draft_is_named_with_its_place(ana: Account, field: str, value: Any) -> None:
    """`drafts[1].number` is the second one's; nothing of the batch is kept."""
    problem(ana.post("import-batches", {"drafts": [DRAFT, {field: value}]}), 422, field=f"drafts[1].{field}")
    count = "select count(*) from rubis.import_batch where organization_id = %s"
    assert ana.api.database.admin.value(count, [ana.organization_id]) == 0
    draft = batch(ana, DRAFT)["drafts"][0]
    problem(ana.patch(path_of(draft), {field: value}), 422, field=field)


@pytest.mark.parametrize("drafts", [[], [{}] * 501, {}, None, "x"])
def test_a_batch_has_1_to_500_drafts(ana: Account, drafts: Any) -> None:
    """A batch of no drafts or of more than 500 is 422."""
    problem(ana.post("import-batches", {"drafts": drafts}), 422, field="drafts")


def test_drafts_are_reached_through_their_own_batch(ana: Account) -> None:
    """A draft asked for through another batch is 404."""
    draft, other = batch(ana, DRAFT)["drafts"][0], batch(ana, {})
    path = f"import-batches/{other['import_batch_id']}/drafts/{draft['import_draft_id']}"
    problem(ana.post(f"{path}/validate"), 404)
    problem(ana.post(f"{path}/discard"), 404)
    problem(ana.patch(path, {}), 404)


def test_a_batch_is_gone_through_and_accepted_at_once(ana: Account) -> None:
    """What is in doubt comes first; all that is certain is validated; the rest is thrown away."""
    fault = {"field": "due_on", "code": "date_form", "text": "soon", "column": "F"}
    drafts = [
        DRAFT,
        {"number": "2", "source_row": 3, "faults": [fault]},
        DRAFT | {"number": "3", "client_name": None},
    ]
    created = ana.post("import-batches", {"drafts": drafts, "source": "factures.csv"}).json()
    path = f"import-batches/{created['import_batch_id']}"
    review = ana.get(f"{path}/review").json()
    assert [draft["position"] for draft in review["drafts"]] == [2, 3, 1]
    assert (review["source"], review["certain"], review["pages"]) == ("factures.csv", 1, 1)
    assert fault in review["drafts"][0]["doubts"]
    done = ana.post(f"{path}/validate-certain").json()
    assert done["validated"] == 1
    assert [(left["field"], left["reason"]) for left in done["left"]] == [
        ("due_on", "date_form"),
        ("client_name", "missing"),
    ]
    assert [invoice["number"] for invoice in ana.get("invoices").json()["items"]] == ["2026-117"]
    summary = ana.post(f"{path}/discard").json()
    assert summary["counts"] == {"pending": 0, "complete": 0, "validated": 1, "discarded": 2}
    assert ana.get("import-batches").json()["items"] == [summary]
    problem(ana.get(f"{path}/review", page=0), 422, field="page")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"source": "a\nb"}, "source"),
        ({"drafts": [{"faults": [{"field": "colour", "code": "x"}]}]}, "drafts[0].faults[0].field"),
        ({"drafts": [{"faults": [{"field": "number", "code": "<b>"}]}]}, "drafts[0].faults[0].code"),
        ({"drafts": [{"source_row": 0}]}, "drafts[0].source_row"),
    ],
)
def test_what_was_read_has_one_form(ana: Account, body: dict[str, Any], field: str) -> None:
    """A source, a row or a fault that cannot be kept is named."""
    problem(ana.post("import-batches", {"drafts": [DRAFT], **body}), 422, field=field)
