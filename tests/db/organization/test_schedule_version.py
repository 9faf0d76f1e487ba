"""A change of settings or of a plan only raises a version; invoices are planned again afterwards."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.support.cast import ASKED_AT, Cast
from tests.support.letters import pending, proven

MOVED_AT = datetime(2026, 3, 20, 7, 15, tzinfo=UTC)
"""When the usual invoice is asked about once the check-in time is 08:15."""

PLANNED_BY = """select o.schedule_version - i.schedule_version as behind from rubis.invoice as i
                  join rubis.organization as o using (organization_id) where i.invoice_id = %s"""


def version(cast: Cast) -> int:
    """The organization's schedule_version."""
    query = "select schedule_version as v from rubis.organization where organization_id = %s"
    found: int = cast.dba(query, cast.organization_id)[0]["v"]
    return found


def behind(cast: Cast, invoice_id: int) -> int:
    """By how many versions an invoice is outdated."""
    found: int = cast.dba(PLANNED_BY, invoice_id)[0]["behind"]
    return found


def put_plan(cast: Cast, *steps: dict[str, Any], plan_id: int | None = None) -> None:
    """The user replaces the steps of a plan, the default one if none is given."""
    cast.api("put_relance_plan", relance_plan_id=plan_id, name=None, steps=cast.json(list(steps)))


def piece(cast: Cast, limit: int) -> int:
    """A bounded piece of a tick's work."""
    query = "select rubis.replan_outdated(%s, %s) as n"
    planned: int = cast.dba(query, cast.organization_id, limit)[0]["n"]
    return planned


@pytest.mark.parametrize(
    "settings",
    [
        {"time_zone": "Asia/Tokyo"},
        {"checkin_time": "08:15"},
        {"relance_time": "14:00"},
        {"country": "DE"},
        {"holiday_region": "FR-57"},
        {"question_valid_days": 3},
    ],
    ids=repr,
)
def test_a_change_of_what_is_planned_by_writes_no_question_and_no_relance(
    cast: Cast, settings: dict[str, Any]
) -> None:
    """The request raises the version; the invoice is outdated and its rows are as they were."""
    invoice_id = cast.invoice()
    before = cast.effects(invoice_id), version(cast)
    cast.api("update_organization", changes=cast.json(settings))
    assert (cast.effects(invoice_id), version(cast)) == (before[0], before[1] + 1)
    assert behind(cast, invoice_id) == 1


def test_a_new_invoice_is_planned_by_the_version_of_now(cast: Cast) -> None:
    """Issued by the API or by a DBA, after a change: nothing is to be planned again."""
    cast.settings(checkin_time="08:15")
    for invoice_id in (cast.invoice(), cast.insert(client_id=cast.client())):
        assert behind(cast, invoice_id) == 0
    assert cast.plan_again() == 0


def test_a_reopened_invoice_is_planned_by_the_version_of_now(cast: Cast) -> None:
    """Settled while the settings changed, it is planned as it is reopened."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, status="paid")
    cast.settings(checkin_time="08:15")
    assert cast.plan_again() == 0
    cast.update(invoice_id, status="open")
    assert behind(cast, invoice_id) == 0
    assert cast.task(invoice_id)["scheduled_at"] == MOVED_AT


@pytest.mark.parametrize("settings", [{"name": "Autre"}, {"checkin_time": "09:00"}], ids=repr)
def test_other_settings_raise_nothing(cast: Cast, settings: dict[str, Any]) -> None:
    """A name, or the time of before: the version stays."""
    before = version(cast)
    cast.settings(**settings)
    assert version(cast) == before


def test_pieces_go_on_until_all_is_planned_again(cast: Cast) -> None:
    """Each takes its number of invoices; what is done is done, should the worker die before the next."""
    invoices = [cast.invoice() for _ in range(5)]
    cast.settings(checkin_time="08:15")
    assert [piece(cast, 2) for _ in range(4)] == [2, 2, 1, 0]
    assert {cast.task(invoice_id)["scheduled_at"] for invoice_id in invoices} == {MOVED_AT}


def test_settings_changed_again_between_two_pieces_move_all(cast: Cast) -> None:
    """What a piece has moved and what it has not reached both end at the time set last."""
    invoices = [cast.invoice() for _ in range(4)]
    cast.settings(checkin_time="08:15", relance_time="11:00")
    piece(cast, 2)
    cast.settings(checkin_time="07:15", relance_time="12:00")
    assert [behind(cast, invoice_id) for invoice_id in invoices] == [1, 1, 2, 2]
    assert cast.plan_again() == 4
    assert {cast.task(i)["scheduled_at"] for i in invoices} == {MOVED_AT - timedelta(hours=1)}
    assert {cast.relance(i)["scheduled_at"] for i in invoices} == {datetime(2026, 3, 23, 11, tzinfo=UTC)}


@pytest.mark.parametrize("way", ["get_invoice", "list_invoices", "list_invoice_relances", "preview_relance"])
def test_what_is_shown_is_planned_again_before(cast: Cast, way: str) -> None:
    """No tick has come: each way to look at an invoice shows the moments of the new settings."""
    invoice_id = cast.invoice()
    cast.settings(checkin_time="08:15", relance_time="14:00")
    cast.api(way, **({} if way == "list_invoices" else {"invoice_id": invoice_id}))
    assert behind(cast, invoice_id) == 0
    assert cast.task(invoice_id)["scheduled_at"] == MOVED_AT
    assert cast.relance(invoice_id)["scheduled_at"] == datetime(2026, 3, 23, 13, tzinfo=UTC)


def test_a_question_that_was_due_before_the_change_is_asked(cast: Cast) -> None:
    """Its moment had come when the time was put off, so it stays, also if no tick comes for a while."""
    invoice_id = cast.invoice()
    cast.clock.set(ASKED_AT)
    cast.settings(checkin_time="18:00")
    cast.clock.advance(minutes=5)
    cast.plan_again()
    assert cast.task(invoice_id)["scheduled_at"] == ASKED_AT


def test_a_question_that_falls_due_before_the_next_tick_is_put_off(cast: Cast) -> None:
    """Put off a minute before it was due: the tick that comes after that moment does not ask it."""
    invoice_id = cast.invoice()
    cast.clock.set(ASKED_AT - timedelta(minutes=1))
    cast.settings(checkin_time="18:00")
    cast.clock.set(ASKED_AT + timedelta(minutes=1))
    assert cast.tick()["queued"] == 0
    assert cast.task(invoice_id)["scheduled_at"] == datetime(2026, 3, 20, 17, tzinfo=UTC)


def test_the_first_change_counts_for_what_was_put_off(cast: Cast) -> None:
    """Put off before it was due; another change after its moment does not bring the old moment back."""
    invoice_id = cast.invoice()
    cast.clock.set(ASKED_AT - timedelta(minutes=1))
    cast.settings(checkin_time="18:00")
    cast.clock.set(ASKED_AT + timedelta(minutes=1))
    cast.settings(question_valid_days=3)
    cast.plan_again()
    assert cast.task(invoice_id)["scheduled_at"] == datetime(2026, 3, 20, 17, tzinfo=UTC)


def test_a_question_moved_by_a_dba_stays_where_the_dba_put_it(cast: Cast) -> None:
    """It stands at no version's moment of the due date, so no settings move it."""
    invoice_id = cast.invoice()
    at = ASKED_AT + timedelta(hours=3)
    cast.dba("update rubis.checkin_task set scheduled_at = %s where invoice_id = %s", at, invoice_id)
    cast.settings(checkin_time="08:15")
    cast.plan_again()
    assert cast.task(invoice_id)["scheduled_at"] == at


def test_a_question_scheduled_between_two_changes_moves(cast: Cast) -> None:
    """Its due date moved after the first change: it stands at the second version's moment."""
    invoice_id = cast.invoice()
    cast.settings(checkin_time="08:15")
    cast.update(invoice_id, due_on=date(2026, 3, 23))
    cast.settings(checkin_time="07:15")
    cast.plan_again()
    assert cast.task(invoice_id)["scheduled_at"] == datetime(2026, 3, 23, 6, 15, tzinfo=UTC)


def test_a_relance_judged_before_a_piece_has_reached_it_waits_for_its_new_time(cast: Cast) -> None:
    """Put off before its moment, then judged after it: it is planned again first, and does not leave."""
    proven(cast)
    invoice_id = pending(cast)
    cast.clock.set(cast.relance(invoice_id)["next_look_at"] - timedelta(minutes=1))
    cast.settings(relance_time="18:00")
    cast.clock.advance(minutes=2)
    relance_id = cast.relance(invoice_id)["relance_id"]
    cast.dba("select rubis.judge_relance(r) from rubis.relance as r where r.relance_id = %s", relance_id)
    assert behind(cast, invoice_id) == 0
    assert cast.relance(invoice_id)["scheduled_at"].hour == 17
    assert cast.relance(invoice_id)["scheduled_at"] > cast.now()


def test_a_plan_that_gains_a_step_goes_on(cast: Cast) -> None:
    """No relance was ahead, for the plan was over: planned again, the invoice has one."""
    put_plan(cast)
    invoice_id = cast.invoice()
    assert cast.rows("relance", invoice_id) == []
    put_plan(cast, {"days_after_due": 5, "tone": "firm"})
    cast.document(invoice_id)
    assert cast.relance(invoice_id)["days_after_due"] == 5


def test_a_plan_put_as_it_was_raises_nothing(cast: Cast) -> None:
    """The same steps again change no row, so nothing is planned again."""
    put_plan(cast, {"days_after_due": 5, "tone": "firm"})
    before = version(cast)
    put_plan(cast, {"days_after_due": 5, "tone": "firm"})
    assert version(cast) == before


def test_a_plan_that_no_client_follows_raises_nothing(cast: Cast) -> None:
    """Made, changed and deleted: no invoice is planned again for it."""
    cast.invoice()
    before = version(cast)
    steps = cast.json([{"days_after_due": 9, "tone": "firm"}])
    plan_id = cast.api("create_relance_plan", name="Spare", steps=steps)["relance_plan_id"]
    put_plan(cast, {"days_after_due": 20, "tone": "firm"}, plan_id=plan_id)
    cast.api("delete_relance_plan", relance_plan_id=plan_id)
    assert version(cast) == before


def test_an_outdated_invoice_shows_no_moment_that_no_longer_holds(cast: Cast) -> None:
    """The outlook of auditors, and of a page that writes nothing, says that the plan has changed."""
    invoice_id = cast.invoice()
    cast.settings(relance_time="14:00")
    query = "select leaves_at, reason from audit.relance_verdict where invoice_id = %s"
    assert cast.dba(query, invoice_id) == [{"leaves_at": None, "reason": "plan_changed"}]
    cast.plan_again()
    (shown,) = cast.dba(query, invoice_id)
    assert shown["reason"] != "plan_changed"


def test_settings_of_before_are_kept_for_ever(cast: Cast) -> None:
    """A version that is over can be neither changed nor deleted."""
    cast.settings(checkin_time="08:15")
    with cast.raises("RB409"):
        cast.dba("update rubis.past_schedule set checkin_time = '10:00'")
