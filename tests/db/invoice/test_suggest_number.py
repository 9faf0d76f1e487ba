"""The number of the next invoice is suggested."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.cast import Cast


def suggested(cast: Cast) -> Any:
    """What the API says."""
    return cast.api("suggest_number")["number"]


@pytest.mark.parametrize(
    ("number", "issued_on", "following"),
    [
        ("2026-014", "2026-02-01", "2026-015"),
        ("F-2026-9", "2026-02-01", "F-2026-10"),
        ("F099", "2026-02-01", "F100"),
        ("F-14/A", "2026-02-01", "F-15/A"),
        ("14/2026", "2026-02-01", "15/2026"),
        ("2026", "2026-02-01", "2027"),
        ("2025-117", "2025-12-30", "2026-001"),
        ("117/2025", "2025-12-30", "001/2026"),
        ("2025-2025", "2025-12-30", "2026-0001"),
        ("2024-117", "2025-12-30", "2024-118"),
        ("202511-7", "2025-11-30", "202511-8"),
        ("F 20250007", "2025-11-30", "F 20250008"),
        ("sans numéro", "2026-02-01", None),
        ("9" * 200, "2026-02-01", None),
    ],
)
def test_the_series_goes_on(cast: Cast, number: str, issued_on: str, following: str | None) -> None:
    """As wide as before; a year that is over is replaced, and its counter begins again."""
    cast.invoice(number=number, issued_on=issued_on, due_on="2026-03-20")
    assert suggested(cast) == following


def test_without_an_invoice_nothing_is_suggested(cast: Cast) -> None:
    """Whoever begins chooses the series."""
    assert suggested(cast) is None


def test_the_year_is_the_organizations(cast: Cast) -> None:
    """In Auckland it is 2027 while it is still 2026 in Paris."""
    cast.invoice(number="2026-3", issued_on="2026-12-01", due_on="2026-12-20")
    cast.clock.set("2026-12-31 12:00 UTC")
    assert suggested(cast) == "2026-4"
    cast.settings(time_zone="Pacific/Auckland")
    assert suggested(cast) == "2027-1"


def test_the_latest_with_a_digit_counts(cast: Cast) -> None:
    """One without a digit, and one that is cancelled, continue no series."""
    cast.invoice(number="A-1")
    cast.invoice(number="B-7")
    cast.invoice(number="avoir")
    assert suggested(cast) == "B-8"
    cast.update(cast.invoice(number="B-8"), status="cancelled")
    assert suggested(cast) == "B-8"


def test_a_number_in_use_is_passed_over(cast: Cast) -> None:
    """As rubis.key reads them; after thousands in use, by a few looks."""
    cast.dba(
        "insert into rubis.invoice"
        " (organization_id, client_id, user_id, number, issued_on, due_on, amount_cents, created_at)"
        " select %s, %s, %s, 'F-' || lpad(n::text, 4, '0'), '2026-03-01', '2026-03-20', 1, '2026-03-01'"
        "  from generate_series(1, 3000) as n",
        *(cast.organization_id, cast.client(), cast.user_id),
    )
    cast.invoice(number="f\u20110012x")
    assert suggested(cast) == "f\u20110013x"
    cast.update(
        cast.dba("select invoice_id from rubis.invoice where number = 'F-0005'")[0]["invoice_id"],
        status="cancelled",
    )
    cast.invoice(number="F-0005")
    assert suggested(cast) == "F-3001"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    numbers=st.lists(
        st.from_regex(r"[A-Z]{0,2}(2025|2026)?[-/ ]?[0-9]{1,3}[-/A]?", fullmatch=True).map(str.strip),
        min_size=1,
        max_size=8,
        unique_by=str.lower,
    ),
    year=st.sampled_from([2025, 2026]),
)
def test_whatever_the_numbers(cast: Cast, numbers: list[str], year: int) -> None:
    """Never one in use; the same letters and separators as the latest one; one that can be issued."""
    for number in numbers:
        cast.invoice(number=number, issued_on=f"{year}-02-01", due_on="2026-03-20")
    found = suggested(cast)
    assert found not in numbers
    assert re.sub(r"[0-9]+", "#", found) == re.sub(r"[0-9]+", "#", numbers[-1])
    assert cast.invoice(number=found)
    cast.session.connection.rollback()
