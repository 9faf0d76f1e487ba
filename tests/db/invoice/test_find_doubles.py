"""Invoices that one to be issued may be a double of."""

from typing import Any

import pytest

from tests.support.cast import Cast


def doubles(cast: Cast, **changes: Any) -> list[tuple[str, list[str]]]:
    """The numbers found, with the reasons."""
    facts: dict[str, Any] = {
        "client_id": None,
        "client_name": "Dupont SARL",
        "amount_cents": 120_000,
        "currency": "EUR",
        "issued_on": "2026-03-01",
        "number": "N-1",
        **changes,
    }
    return [(one["number"], one["reasons"]) for one in cast.api("find_doubles", **facts)["items"]]


def test_the_same_amount_for_the_same_client_within_a_month(cast: Cast) -> None:
    """Also under the name of a client that was merged; another amount, currency, client or time is none."""
    old_id = cast.client("Dupond", None)
    cast.invoice(number="A-7", client_id=old_id, client_name=None, client_email=None, issued_on="2026-02-01")
    new = cast.document(cast.invoice(number="B-8"))["client"]
    cast.api("merge_client", client_id=old_id, into_client_id=new["client_id"])
    both = [("B-8", ["same_amount"]), ("A-7", ["same_amount"])]
    assert doubles(cast) == doubles(cast, client_name="DUPOND") == both
    assert doubles(cast, client_name=None, client_id=new["client_id"]) == both
    assert doubles(cast, issued_on="2026-03-05") == both[:1]
    for other in (
        {"amount_cents": 1},
        {"currency": "USD"},
        {"client_name": "Autre"},
        {"issued_on": "2026-05-01"},
    ):
        assert doubles(cast, **other) == []


@pytest.mark.parametrize(
    ("one", "other", "similar"),
    [
        ("F-2026-14", "F2026-0014", True),
        ("F-2026-14", "f 2026/14", True),
        ("F-2026-14", "F-2026-15", False),
        ("F-2026-14", "F-2026-140", False),
        ("---", "///", False),
        ("É-1", "é 01", True),
    ],
)
def test_a_number_that_differs_in_separators(cast: Cast, one: str, other: str, similar: bool) -> None:
    """Whoever the client is; zeros that a run of digits begins with do not count."""
    invoice_id = cast.invoice(number=one, client_name="Autre")
    assert doubles(cast, number=other) == ([(one, ["similar_number"])] if similar else [])
    assert doubles(cast, number=other, but_invoice_id=invoice_id) == []
    assert doubles(cast, number=one) == []


def test_a_cancelled_invoice_and_a_sample_are_no_doubles(cast: Cast) -> None:
    """Nor is the invoice of that very number: it is refused when it is issued."""
    cast.update(cast.invoice(number="F-1"), status="cancelled")
    cast.invoice(number="N-1")
    cast.api("ask_sample")
    assert doubles(cast) == doubles(cast, client_name="Client d\u2019exemple", number="EXEMPLE 1") == []
