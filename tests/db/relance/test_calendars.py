"""Whose days off count: a country's weekend and holidays, its regions, and the codes that name them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.core.codes import CURRENCY_DIGITS
from tests.support.cast import Cast
from tests.support.letters import ahead, calendar, is_leaving, pending, until_due
from tests.support.line import Transaction
from tests.support.session import Session
from worker.calendar import public_holidays


def working(session: Session, name: str, day: str) -> bool:
    """Whether letters may leave on that day."""
    answer: bool = session.value("select rubis.is_working_day(%s, %s)", [name, day])
    return answer


def test_in_riyadh_friday_and_saturday_are_off_and_sunday_is_not(tx: Session) -> None:
    """A letter for Friday the 27th leaves on Sunday the 29th at ten, local time."""
    cast = Cast(Transaction(tx), country="SA", time_zone="Asia/Riyadh")
    calendar(cast, "SA")
    invoice_id = pending(cast, due_on=date(2026, 3, 24))
    assert ahead(cast, invoice_id)["scheduled_at"] == datetime(2026, 3, 29, 7, tzinfo=UTC)
    until_due(cast, invoice_id)
    assert is_leaving(cast, invoice_id)
    week = [working(tx, "SA", f"2026-03-{day}") for day in range(23, 30)]
    assert week == [True, True, True, True, False, False, True]


def test_good_friday_is_off_in_moselle_and_not_in_paris(known: Cast) -> None:
    """The region's calendar counts as soon as it is set: what is scheduled moves."""
    known.dba("insert into rubis.holiday_year (calendar, year) values ('FR-57', 2026)")
    known.dba("insert into rubis.public_holiday values ('FR-57', '2026-04-03', 'Vendredi saint')")
    invoice_id = known.invoice(due_on=date(2026, 3, 31))
    assert ahead(known, invoice_id)["scheduled_at"] == datetime(2026, 4, 3, 8, tzinfo=UTC)
    changed = known.api("update_organization", changes=known.json({"holiday_region": "FR-57"}))
    known.plan_again()
    assert (changed["holiday_region"], changed["public_holidays"]) == ("FR-57", "known")
    assert ahead(known, invoice_id)["scheduled_at"] == datetime(2026, 4, 6, 8, tzinfo=UTC)
    assert {"calendar": "FR-57", "year": 2027, "ahead": True} in known.worker("missing_holidays")
    known.api("update_organization", changes=known.json({"holiday_region": None}))
    known.plan_again()
    assert ahead(known, invoice_id)["scheduled_at"] == datetime(2026, 4, 3, 8, tzinfo=UTC)


@pytest.mark.parametrize("region", ["57", "FR", "FR-99", "DE-BY", ""])
def test_a_region_of_another_country_is_refused(cast: Cast, region: str) -> None:
    """By its field, from the API and from a DBA; the hint names the country's regions."""
    with cast.raises("RB422", "organization__holiday_region", "holiday_region"):
        cast.api("update_organization", changes=cast.json({"holiday_region": region}))
    with cast.raises("RB422", "organization__holiday_region", "holiday_region"):
        cast.settings(holiday_region=region)


def test_another_country_empties_the_region(cast: Cast) -> None:
    """Unless the same change gives one of the new country's."""
    cast.settings(holiday_region="FR-57")
    changes: list[tuple[dict[str, Any], Any]] = [
        ({"country": "DE"}, None),
        ({"country": "FR", "holiday_region": "FR-6AE"}, "FR-6AE"),
        ({"country": "CH", "holiday_region": "CH-GE"}, "CH-GE"),
    ]
    for change, region in changes:
        assert cast.api("update_organization", changes=cast.json(change))["holiday_region"] == region
    with cast.raises("RB422", "organization__holiday_region"):
        cast.api("update_organization", changes=cast.json({"country": "BE", "holiday_region": "FR-57"}))


def test_in_a_country_without_public_holidays_letters_leave_on_weekdays(tx: Session) -> None:
    """Ukraine has none under martial law: the year is filled, and empty, and the organization says so."""
    cast = Cast(Transaction(tx), country="UA", time_zone="Europe/Kyiv")
    told = cast.api("get_me")["organization"]
    assert told["public_holidays"] == "awaited"
    cast.worker("put_holidays", calendar="UA", year=2026, holidays=cast.json([]))
    assert cast.api("get_me")["organization"]["public_holidays"] == "weekends_only"
    invoice_id = pending(cast, due_on=date(2026, 3, 19))
    assert ahead(cast, invoice_id)["scheduled_at"] == datetime(2026, 3, 23, 8, tzinfo=UTC)
    until_due(cast, invoice_id)
    assert is_leaving(cast, invoice_id)


@pytest.mark.parametrize("code", ["EL", "XK", "UK", "fr"])
def test_a_country_that_is_not_officially_assigned_is_refused(cast: Cast, code: str) -> None:
    """Greece is GR in ISO 3166-1; EL is a habit of the European Union."""
    with cast.raises("23514", "country__known"):
        cast.settings(country=code)
    cast.settings(country="GR")


@pytest.mark.parametrize("code", ["XYZ", "XXX", "XTS", "XAU", "DEM", "FRF"])
def test_a_currency_that_is_not_active_is_refused(cast: Cast, code: str) -> None:
    """No historic, test or metal code: from a DBA, the API and an import, which names the field."""
    invoice_id = cast.invoice()
    with cast.raises("23514", "currency__known"):
        cast.dba("update rubis.invoice set currency = %s where invoice_id = %s", code, invoice_id)
    with cast.raises("23514", "currency__known"):
        cast.invoice(currency=code)
    with cast.raises("RB422", "import_draft__currency", "drafts[0].currency"):
        cast.api("create_import_batch", drafts=cast.json([{"currency": code}]))


def test_each_country_has_a_calendar(tx: Session) -> None:
    """One for the whole country, whatever its regions, and every listed currency is taken."""
    countries = "select count(distinct country) as n, count(*) filter (where calendar = country) as own"
    assert tx.row(f"{countries} from rubis.holiday_calendar") == {"n": 249, "own": 249}
    for code in CURRENCY_DIGITS:
        assert tx.value("select %s::text::rubis.currency", [code]) == code


@pytest.mark.parametrize(
    ("name", "year", "day", "reason"),
    [
        ("BE", 2024, "2024-05-01", "holiday_year__not_asked_for"),
        ("BE", 2029, "2029-05-01", "holiday_year__not_asked_for"),
        ("DE", 2026, "2026-05-01", "holiday_year__not_asked_for"),
        ("EL", 2026, "2026-05-01", "holiday_year__not_asked_for"),
        ("BE", 2026, "2027-05-01", "public_holiday__day"),
        ("BE", 2026, "infinity", "public_holiday__day"),
    ],
)
def test_a_worker_fills_only_what_it_is_asked_for(
    cast: Cast, name: str, year: int, day: str, reason: str
) -> None:
    """A near year that a calendar in use lacks, with days of that year."""
    cast.settings(country="BE")
    with cast.raises("RB422", reason):
        cast.worker(
            "put_holidays", calendar=name, year=year, holidays=cast.json([{"day": day, "name": "closed"}])
        )


def test_a_worker_closes_no_more_days_than_a_calendar_has(cast: Cast) -> None:
    """Sixty in a year, so a stolen password of the worker keeps no letter from leaving for long."""
    cast.settings(country="BE")

    def put(count: int) -> None:
        days = [date(2026, 1, 1) + timedelta(days=number) for number in range(count)]
        holidays = cast.json([{"day": day.isoformat(), "name": "x" * 300} for day in days])
        cast.worker("put_holidays", calendar="BE", year=2026, holidays=holidays)

    with cast.raises("RB422", "public_holiday__count"):
        put(61)
    put(60)
    written = "select count(*) as days, max(length(name)) as longest from rubis.public_holiday"
    assert cast.session.row(f"{written} where calendar = 'BE'") == {"days": 60, "longest": 200}


def test_every_calendar_of_the_library_can_be_filled(tx: Session) -> None:
    """None has more days in a year, or a longer name of one, than a worker may write."""
    for row in tx.rows("select calendar from rubis.holiday_calendar"):
        for year in (2025, 2026):
            days = public_holidays(row["calendar"], year)
            assert len(days) <= 60, row
            assert all(len(text) <= 200 for text in days.values()), row


def test_a_filled_year_is_not_filled_again(known: Cast) -> None:
    """A worker cannot close a day of a year that is known."""
    known.worker(
        "put_holidays", calendar="FR", year=2026, holidays=known.json([{"day": "2026-03-23", "name": "no"}])
    )
    assert working(known.session, "FR", "2026-03-23")


def test_a_calendar_that_never_opens_ends_the_search(known: Cast) -> None:
    """After a year it is given up, and asked again on that day."""
    known.dba(
        "insert into rubis.public_holiday select 'FR', d::date, 'closed'"
        " from generate_series('2026-03-02'::date, '2028-12-31', '1 day') as d on conflict do nothing"
    )
    assert known.session.value("select rubis.next_working_day('FR', '2026-03-23')") == date(2027, 3, 24)
