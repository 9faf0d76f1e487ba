"""When a relance is planned: plans and their editing, working days, pauses, and what is shown of it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.letters import (
    ahead,
    begin_letter,
    fail_letter,
    finish_letter,
    is_leaving,
    pending,
    proven,
    relances,
    send_letter,
    sending_letter,
    until_due,
    until_queued,
)


def put(cast: Cast, *days: int, plan: int | None = None) -> Any:
    """Give a plan, the default one if not named, steps on these days, and plan the invoices again."""
    steps = cast.json([{"days_after_due": day, "tone": "firm"} for day in days])
    document = cast.api("put_relance_plan", relance_plan_id=plan, name=None, steps=steps)
    cast.plan_again()
    return document


def test_a_changed_plan_moves_what_is_ahead(known: Cast) -> None:
    """A changed plan moves the relance ahead, which stays one row, and the forecast."""
    invoice_id = known.invoice()
    before = ahead(known, invoice_id)
    put(known, 5, 12)
    after = ahead(known, invoice_id)
    assert after["relance_id"] == before["relance_id"]
    assert after["scheduled_at"] == datetime(2026, 3, 25, 9, tzinfo=UTC)
    assert [step["step"] for step in relances(known, invoice_id)["forecast"]] == [2]


def test_a_queued_letter_stays_when_the_plan_changes(known: Cast) -> None:
    """The letter on its way follows the plan of when it was queued."""
    invoice_id = pending(known)
    queued = until_due(known, invoice_id)
    put(known, 25)
    assert ahead(known, invoice_id) == queued


def test_a_queued_letter_leaves_though_the_plan_has_just_changed(known: Cast) -> None:
    """It is begun before a tick has planned again: what it takes along keeps its step, and leaves."""
    invoice_id = pending(known)
    until_due(known, invoice_id)
    steps = known.json([{"days_after_due": 25, "tone": "firm"}])
    known.api("put_relance_plan", relance_plan_id=None, name=None, steps=steps)
    (item,) = begin_letter(known, invoice_id)["invoices"]
    assert (item["invoice_id"], item["step"], item["tone"]) == (invoice_id, 1, "courteous")


def test_a_plan_without_a_step_left_has_none_ahead(known: Cast) -> None:
    """A plan cut after the first letter: none ahead. Lengthened again: one is."""
    invoice_id = pending(known)
    send_letter(known, invoice_id)
    put(known, 3)
    assert ahead(known, invoice_id) == {}
    put(known, 3, 8)
    assert ahead(known, invoice_id)["step"] == 2
    put(known)
    assert ahead(known, invoice_id) == {}


def test_a_clients_own_plan(known: Cast) -> None:
    """Given to a client it moves its relances alone; changed, too; taken away, the default counts again."""
    steps = known.json([{"days_after_due": 6, "tone": "formal_notice"}])
    plan = known.api("create_relance_plan", name="Strict", steps=steps)["relance_plan_id"]
    mine, other = known.invoice(), known.invoice(client_name="Autre SARL")
    client_id = known.row(mine)["client_id"]
    known.api("update_client", client_id=client_id, changes=known.json({"relance_plan_id": plan}))
    assert (ahead(known, mine)["tone"], ahead(known, other)["tone"]) == ("formal_notice", "courteous")
    put(known, 13, plan=plan)
    assert ahead(known, mine)["scheduled_at"] == datetime(2026, 4, 2, 8, tzinfo=UTC)
    with known.raises("RB409", "relance_plan__in_use"):
        known.api("delete_relance_plan", relance_plan_id=plan)
    known.api("update_client", client_id=client_id, changes=known.json({"relance_plan_id": None}))
    assert ahead(known, mine)["tone"] == "courteous"


def test_a_plans_name_is_its_own(known: Cast) -> None:
    """Two plans cannot have one name, in upper or lower case."""
    known.api("create_relance_plan", name="Strict", steps=known.json([]))
    with known.raises("RB409", "relance_plan__name"):
        known.api("create_relance_plan", name="STRICT", steps=known.json([]))


@pytest.mark.parametrize(
    ("due_on", "leaves_at"),
    [
        (date(2026, 3, 19), datetime(2026, 3, 23, 9, tzinfo=UTC)),  # a Sunday: Monday
        (date(2026, 4, 3), datetime(2026, 4, 7, 8, tzinfo=UTC)),  # Easter Monday: Tuesday
        (date(2026, 4, 28), datetime(2026, 5, 4, 8, tzinfo=UTC)),  # Friday, 1 May: Monday
        (date(2026, 12, 29), datetime(2027, 1, 4, 9, tzinfo=UTC)),  # Friday, New Year's Day: Monday
    ],
)
def test_a_relance_leaves_on_working_days(known: Cast, due_on: date, leaves_at: datetime) -> None:
    """Three days after: a weekend, a holiday, a holiday before a weekend, the year's end."""
    proven(known)
    invoice_id = known.invoice(due_on=due_on)
    assert ahead(known, invoice_id)["scheduled_at"] == leaves_at
    assert relances(known, invoice_id)["ahead"]["leaves_at"] == leaves_at.isoformat()


def test_caught_up_on_a_saturday_it_waits_for_monday(known: Cast) -> None:
    """A relance whose worker comes back on a Saturday waits for Monday."""
    known.settings(question_valid_days=14)
    invoice_id = pending(known)
    known.clock.set("2026-03-28 12:00 Europe/Paris")
    known.tick()
    waiting = ahead(known, invoice_id)
    assert (waiting["status"], waiting["next_look_at"]) == (
        "scheduled",
        datetime(2026, 3, 30, 8, tzinfo=UTC),
    )


def test_caught_up_on_a_working_day_it_leaves_at_once(known: Cast) -> None:
    """The day has passed; it is not dropped, nor does it wait for the hour."""
    invoice_id = pending(known)
    known.clock.set("2026-03-25 17:42 Europe/Paris")
    known.tick()
    assert is_leaving(known, invoice_id)


@pytest.mark.parametrize("of", ["invoice", "client"])
def test_a_promise_of_payment_pauses_relances(known: Cast, of: str) -> None:
    """Nothing until its day is over in the organization's zone, and the owner is asked again after it."""
    known.settings(time_zone="Pacific/Kiritimati")
    proven(known)
    invoice_id = pending(known)
    ids = {f"{of}_id": known.row(invoice_id)[f"{of}_id"]}
    paused = known.api(f"pause_{of}", **ids, until=date(2026, 3, 26), reason="promised")
    assert paused["pause"] == {"until": "2026-03-26", "reason": "promised"}
    assert known.events(invoice_id)[-1][0] == "relances_paused"
    shown = relances(known, invoice_id)["ahead"]
    assert (shown["reason"], shown["leaves_at"]) == (
        "paused",
        "2026-03-29T20:00:00+00:00",
    )  # 10:00 on Monday the 30th; the question comes at 9:00 on the 29th
    assert shown["asks_at"] == "2026-03-28T19:00:00+00:00"
    waiting = until_due(known, invoice_id)
    assert (waiting["status"], waiting["next_look_at"]) == (
        "scheduled",
        datetime(2026, 3, 28, 19, tzinfo=UTC),
    )
    known.api(f"resume_{of}", **ids)
    assert known.events(invoice_id)[-1][0] == "relances_resumed"
    assert ahead(known, invoice_id)["next_look_at"] < datetime(2026, 3, 28, 19, tzinfo=UTC)


def test_a_client_that_was_excluded_while_paused(known: Cast) -> None:
    """Held because excluded; no longer excluded, it waits for the pause and the question after it."""
    invoice_id = pending(known)
    client_id = known.row(invoice_id)["client_id"]
    known.api("update_client", client_id=client_id, changes=known.json({"relances_off": True}))
    assert until_due(known, invoice_id)["hold_reason"] == "client_excluded"
    known.api("pause_client", client_id=client_id, until=date(2026, 3, 31), reason=None)
    known.tick()
    known.api("update_client", client_id=client_id, changes=known.json({"relances_off": False}))
    until_queued(known, invoice_id)
    assert is_leaving(known, invoice_id)
    assert known.now() == datetime(2026, 4, 2, 8, tzinfo=UTC)


def planned(known: Cast) -> int:
    """An invoice just issued."""
    return known.invoice()


def asked(known: Cast) -> int:
    """Its owner is being asked."""
    return known.asked()[0]


def paused(known: Cast) -> int:
    """Its relances wait until a day."""
    invoice_id = pending(known)
    known.api("pause_invoice", invoice_id=invoice_id, until=date(2026, 5, 1), reason=None)
    return invoice_id


def excluded(known: Cast) -> int:
    """It is never to be reminded of."""
    invoice_id = pending(known)
    known.update(invoice_id, relances_off=True)
    return invoice_id


def held(known: Cast) -> int:
    """Its client has no address."""
    invoice_id = pending(known)
    known.dba("update rubis.client set email = null")
    until_due(known, invoice_id)
    return invoice_id


def sending(known: Cast) -> int:
    """Its letter is on its way."""
    invoice_id = pending(known)
    sending_letter(known, invoice_id)
    return invoice_id


def backing_off(known: Cast) -> int:
    """Its letter failed for now."""
    invoice_id = pending(known)
    fail_letter(known, sending_letter(known, invoice_id), "temporary")
    return invoice_id


def unconfirmed(known: Cast) -> int:
    """Its letter may have arrived."""
    invoice_id = pending(known)
    fail_letter(known, sending_letter(known, invoice_id), "unknown")
    return invoice_id


@pytest.mark.parametrize("scene", [planned, paused, excluded, held, backing_off, unconfirmed, sending, asked])
def test_the_audit_shows_what_the_api_shows(known: Cast, scene: Callable[[Cast], int]) -> None:
    """One verdict: the same leaves_at, asks_at and reason."""
    invoice_id = scene(known)
    shown = relances(known, invoice_id)["ahead"]
    with known.session.acting_as("rubis_auditor"):
        row = known.session.row("select * from audit.relance_verdict where invoice_id = %s", [invoice_id])
    moments = {name: row[name] and row[name].isoformat() for name in ("leaves_at", "asks_at")}
    assert moments | {"reason": row["reason"]} == {name: shown[name] for name in (*moments, "reason")}
    assert shown["leaves_at"] or shown["reason"]


def test_the_forecast_is_what_happens(known: Cast) -> None:
    """Each step leaves, and is asked about, when it was foreseen before the first."""
    proven(known)
    invoice_id = pending(known)
    shown = relances(known, invoice_id)
    steps = [shown["ahead"], *shown["forecast"]]
    left = [send_letter(known, invoice_id)["sent_at"].isoformat() for _ in steps]
    assert left == [step["leaves_at"] for step in steps]
    asked = [mail["attempted_at"].isoformat() for mail in known.mails(invoice_id)]
    assert asked[1:] == [step["asks_at"] for step in steps[1:]]
    assert steps[0]["asks_at"] is None


def test_a_step_of_the_day_after_is_foreseen_two_days_later(known: Cast) -> None:
    """Letter 1 is accepted some seconds after ten, so ten of the next day is too soon for letter 2."""
    put(known, 3, 4)
    proven(known)
    invoice_id = pending(known)
    shown = relances(known, invoice_id)["forecast"][0]["leaves_at"]
    begun = sending_letter(known, invoice_id)
    known.clock.advance(seconds=5)
    finish_letter(known, begun)
    until_queued(known, invoice_id)
    assert is_leaving(known, invoice_id)
    assert (known.now(), shown) == (datetime(2026, 3, 25, 9, tzinfo=UTC), known.now().isoformat())


def test_a_question_that_was_mailed_late_is_foreseen_to_hold_the_letter(known: Cast) -> None:
    """Mailed at one, it closes three hours after the letter's time: the letter leaves the day after."""
    put(known, 1)
    invoice_id = known.invoice(due_on=date(2026, 3, 23))
    proven(known)
    known.tick()
    known.clock.set("2026-03-23 13:00 Europe/Paris")
    known.ask(invoice_id)
    shown = relances(known, invoice_id)["ahead"]["leaves_at"]
    assert until_due(known, invoice_id)["hold_reason"] == "owner_being_asked"
    known.clock.advance(hours=3)
    known.tick()
    until_due(known, invoice_id)
    assert is_leaving(known, invoice_id)
    assert (known.now(), shown) == (datetime(2026, 3, 25, 9, tzinfo=UTC), known.now().isoformat())


def test_the_timeline_has_the_letters(known: Cast) -> None:
    """Attempted and accepted, with address and Message-ID."""
    invoice_id = pending(known)
    send_letter(known, invoice_id)
    with known.session.acting_as("rubis_auditor"):
        rows = known.session.rows(
            "select what, detail from audit.invoice_timeline where invoice_id = %s and source = 'mail'",
            [invoice_id],
        )
    told = [row["what"].split()[-1] + " " + row["detail"] for row in rows if "letter" in row["what"]]
    assert told[0].startswith("attempted to compta@dupont.test")
    assert told[1].startswith("accepted Message-ID <")


def test_the_last_day_of_a_pause_is_part_of_it(known: Cast) -> None:
    """Promised for the day the relance is due: the day after the owner is asked, the next it leaves."""
    invoice_id = pending(known)
    known.api("pause_invoice", invoice_id=invoice_id, until=date(2026, 3, 23), reason=None)
    waiting = until_due(known, invoice_id)
    assert (waiting["status"], waiting["next_look_at"], waiting["scheduled_at"]) == (
        "scheduled",
        datetime(2026, 3, 24, 8, tzinfo=UTC),
        datetime(2026, 3, 25, 9, tzinfo=UTC),
    )


def test_a_relance_on_its_way_leaves_now(known: Cast) -> None:
    """A relance that is being sent does not wait because of its own letter."""
    invoice_id = pending(known)
    sending_letter(known, invoice_id)
    shown = relances(known, invoice_id)["ahead"]
    assert (shown["leaves_at"], shown["reason"]) == (known.now().isoformat(), None)
