"""When an invoice is due, by terms of payment."""

from datetime import date
from typing import Any

import pytest

from tests.support.cast import Cast


@pytest.mark.parametrize(
    ("issued_on", "days", "end_of_month", "due_on"),
    [
        ("2026-03-01", 30, False, "2026-03-31"),
        ("2026-03-01", 0, False, "2026-03-01"),
        ("2026-03-01", 0, True, "2026-03-31"),
        ("2026-03-02", 30, True, "2026-04-30"),
        ("2026-03-01", 30, True, "2026-03-31"),
        ("2026-01-31", 0, True, "2026-01-31"),
        ("2027-01-15", 30, True, "2027-02-28"),
        ("2028-01-15", 30, True, "2028-02-29"),
        ("2026-11-20", 45, True, "2027-01-31"),
        ("2026-03-01", 365, False, "2027-03-01"),
    ],
)
def test_days_then_the_end_of_the_month(
    cast: Cast, issued_on: str, days: int, end_of_month: bool, due_on: str
) -> None:
    """The days are counted first; "30 jours fin de mois" then goes to the end of that month."""
    cast.settings(terms_days=days, terms_end_of_month=end_of_month)
    invoice = cast.document(cast.invoice(issued_on=issued_on, due_on=None))
    assert invoice["due_on"] == due_on


def test_a_new_organization_gives_thirty_days(cast: Cast) -> None:
    """The default of the law; a due date that is given counts as it is."""
    assert cast.document(cast.invoice(issued_on="2026-02-10", due_on=None))["due_on"] == "2026-03-12"
    assert cast.document(cast.invoice(due_on="2026-03-20"))["due_on"] == "2026-03-20"


def test_the_terms_of_a_client_come_first(cast: Cast) -> None:
    """Also of the client that another was merged into; emptied, the organization's count again."""
    client_id = cast.client("Dupont", None)
    merged_id = cast.client("Dupond", None)
    cast.api("merge_client", client_id=merged_id, into_client_id=client_id)
    changed = cast.api("update_client", client_id=client_id, changes=cast.json({"terms_days": 45}))
    assert (changed["terms_days"], changed["terms_end_of_month"]) == (45, False)
    cast.api("update_client", client_id=client_id, changes=cast.json({"terms_end_of_month": True}))
    cast.settings(terms_days=10)

    def due(of: int) -> Any:
        facts = {"client_id": of, "client_name": None, "client_email": None}
        return cast.document(cast.invoice(**facts, issued_on="2026-03-02", due_on=None))["due_on"]

    assert due(client_id) == due(merged_id) == "2026-04-30"
    emptied = cast.api("update_client", client_id=client_id, changes=cast.json({"terms_days": None}))
    assert (emptied["terms_days"], emptied["terms_end_of_month"]) == (None, None)
    assert due(client_id) == "2026-03-12"


def test_the_end_of_the_month_needs_days(cast: Cast) -> None:
    """Half a client's terms are refused by the field's name, and by the table."""
    client_id = cast.client()
    for end in (True, False):
        with cast.raises("RB422", "client__terms_facts", "terms_end_of_month"):
            cast.api("update_client", client_id=client_id, changes=cast.json({"terms_end_of_month": end}))
    with cast.raises("23514", "client__terms_facts"):
        cast.dba("update rubis.client set terms_days = 5 where client_id = %s", client_id)


def test_a_draft_without_a_due_date_is_due_by_the_terms(cast: Cast) -> None:
    """What was read of an invoice often lacks it."""
    draft = {"number": "D-1", "client_name": "Dupont", "issued_on": "2026-03-01", "amount_cents": 100}
    batch = cast.api("create_import_batch", drafts=cast.json([draft]))
    invoice = cast.api(
        "validate_import_draft",
        import_batch_id=batch["import_batch_id"],
        import_draft_id=batch["drafts"][0]["import_draft_id"],
    )
    assert invoice["due_on"] == date(2026, 3, 31).isoformat()


def test_the_due_date_is_suggested_while_one_types(cast: Cast) -> None:
    """By the terms of the client of that name; of an unknown one, or of two of that name, by ours."""
    cast.client("Dupont", "a@dupont.test")
    for client_id, days in ((cast.client("Dupont", "b@dupont.test"), 45), (cast.client("Durand", None), 60)):
        cast.api("update_client", client_id=client_id, changes=cast.json({"terms_days": days}))

    def suggested(name: str | None, email: str | None = None) -> tuple[str, bool]:
        found = cast.api("suggest_due_on", client_name=name, client_email=email, issued_on="2026-03-01")
        return found["due_on"], found["is_the_clients"]

    ours = ("2026-03-31", False)
    assert suggested("durand") == ("2026-04-30", True)
    assert suggested(None) == suggested("Dupont") == suggested("Dupont", "a@dupont.test") == ours
    assert cast.document(cast.invoice(client_name="Durand", client_email=None, due_on=None))["due_on"] == (
        "2026-04-30"
    )
