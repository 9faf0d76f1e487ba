"""The settings of an organization are changed."""

from typing import Any

import pytest

from tests.support.cast import Cast


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Atelier Grenat"},
        {"locale": "en"},
        {"time_zone": "America/New_York"},
        {"checkin_time": "07:30"},
        {"relance_time": "23:59"},
        {"siren": "732829320", "vat_number": "FR44732829320"},
        {"vat_number": "FRK7732829320"},
        {"vat_number": "DE123456789"},
        {"terms_days": 0, "terms_end_of_month": True},
        {},
    ],
)
def test_only_the_given_fields_change(cast: Cast, changes: dict[str, Any]) -> None:
    """Fields not given keep their value; the answer is the organization as it then is."""
    before = cast.api("get_me")["organization"]
    after = cast.api("update_organization", changes=cast.json(changes))
    assert after == {**before, **changes} == cast.api("get_me")["organization"]


@pytest.mark.parametrize(
    "time_zone", ["Europe/Pari", "europe/paris", "FOO+3", "+02:00", "", "Europe/Paris ", "UTC+1"]
)
def test_only_names_of_time_zones(cast: Cast, time_zone: str) -> None:
    """Zones that PostgreSQL would invent a meaning for are refused, by the API and by UPDATE."""
    with cast.raises("RB422", "organization__time_zone", "time_zone"):
        cast.api("update_organization", changes=cast.json({"time_zone": time_zone}))
    with cast.raises("RB422", "organization__time_zone", "time_zone"):
        cast.settings(time_zone=time_zone)


@pytest.mark.parametrize(
    ("changes", "constraint", "column"),
    [
        ({"organization_id": 1}, "changes__unknown_field", "organization_id"),
        ({"rubis": 100}, "changes__unknown_field", "rubis"),
        ({"created_at": "2020-01-01"}, "changes__unknown_field", "created_at"),
        ({"name": None}, "changes__null", "name"),
        ({"checkin_time": None}, "changes__null", "checkin_time"),
    ],
)
def test_other_changes_are_refused(cast: Cast, changes: dict[str, Any], constraint: str, column: str) -> None:
    """Rubis are earned, not set."""
    with cast.raises("RB422", constraint, column):
        cast.api("update_organization", changes=cast.json(changes))


@pytest.mark.parametrize(
    ("changes", "sqlstate", "constraint"),
    [
        ({"locale": "de"}, "23514", "locale__known"),
        ({"name": ""}, "23514", "line__one_line"),
        ({"checkin_time": "25:00"}, "22008", None),
        ({"siren": "732829321"}, "23514", "siren__check_digit"),
        ({"siren": "732 829 320"}, "23514", "siren__check_digit"),
        ({"vat_number": "FR45732829320"}, "23514", "vat_number__form"),
        ({"vat_number": "732829320"}, "23514", "vat_number__form"),
        ({"terms_days": 366}, "23514", "terms_days__range"),
    ],
)
def test_the_table_s_rules_hold(
    cast: Cast, changes: dict[str, Any], sqlstate: str, constraint: str | None
) -> None:
    """A language that no mail is written in, an empty name, an hour that no day has."""
    with cast.raises(sqlstate, constraint):
        cast.api("update_organization", changes=cast.json(changes))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vat_number": "FR44732829320"}, "vat_number"),
        ({"siren": "552100554", "vat_number": "FR44732829320"}, "vat_number"),
        ({"siren": "732829320"}, "siren"),
    ],
)
def test_a_french_vat_number_holds_the_siren(cast: Cast, changes: dict[str, Any], field: str) -> None:
    """The field that was changed is named."""
    cast.api("update_organization", changes=cast.json({"siren": "552100554", "vat_number": "FR96552100554"}))
    with cast.raises("RB422", "organization__vat_number", field):
        cast.api("update_organization", changes=cast.json(changes))


def test_every_organization_is_born_with_a_plan(cast: Cast) -> None:
    """Three steps: courteous after 3 days, firm after 10, formal notice after 30."""
    steps = cast.dba(
        "select s.step, s.days_after_due, s.tone from rubis.relance_plan_step as s"
        " join rubis.relance_plan as p using (organization_id, relance_plan_id)"
        " where s.organization_id = %s and p.is_default order by s.step",
        cast.organization_id,
    )
    assert [tuple(step.values()) for step in steps] == [
        (1, 3, "courteous"),
        (2, 10, "firm"),
        (3, 30, "formal_notice"),
    ]


def test_the_regions_of_the_country_are_listed(cast: Cast) -> None:
    """Those whose holidays differ; each can be set."""
    regions = cast.api("list_holiday_regions")["items"]
    assert {"holiday_region": "FR-57", "name": "Moselle"} in regions
    assert all(region["holiday_region"].startswith("FR-") for region in regions)
    cast.settings(country="BE")
    assert "FR-57" not in str(cast.api("list_holiday_regions"))
