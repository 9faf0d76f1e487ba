"""A formal notice gives eight days; a new term is a new promise."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.cast import Cast
from tests.support.letters import (
    ahead,
    begin_letter,
    calendar,
    fail_letter,
    pending,
    relances,
    send_letter,
    sending_letter,
    until_due,
    until_queued,
)

PARIS = ZoneInfo("Europe/Paris")
NOTICE_FIRST = [
    {"days_after_due": 3, "tone": "formal_notice"},
    {"days_after_due": 5, "tone": "firm"},
    {"days_after_due": 20, "tone": "firm"},
]


@pytest.fixture(autouse=True)
def _holidays(cast: Cast) -> None:
    calendar(cast)


def set_plan(cast: Cast, steps: list[dict[str, Any]]) -> Any:
    """The user replaces the default plan; its document."""
    return cast.api("put_relance_plan", relance_plan_id=None, name=None, steps=cast.json(steps))


def test_nothing_is_planned_within_eight_days_of_a_formal_notice(cast: Cast) -> None:
    """Forecast and planning put the next step on the ninth day at the earliest, whatever the plan says."""
    set_plan(cast, NOTICE_FIRST)
    invoice_id = pending(cast)
    notice = ahead(cast, invoice_id)
    second, third = relances(cast, invoice_id)["forecast"]
    sent = send_letter(cast, invoice_id)
    assert sent["sent_at"].date() == notice["scheduled_at"].date()
    planned = ahead(cast, invoice_id)["scheduled_at"].astimezone(PARIS).date()
    assert planned >= sent["sent_at"].astimezone(PARIS).date() + timedelta(days=9)
    assert str(planned) == second["planned_at"][:10]
    assert third["planned_at"][:10] >= str(planned + timedelta(days=15))


def test_the_plan_says_when_a_step_leaves_at_the_earliest(cast: Cast) -> None:
    """A step too near a formal notice, and those after it, name the day that the notice allows."""
    plan = set_plan(cast, NOTICE_FIRST)
    assert [step["earliest_days_after_due"] for step in plan["steps"]] == [3, 12, 27]
    plan = set_plan(cast, [{**step, "tone": "firm"} for step in NOTICE_FIRST])
    assert [step["earliest_days_after_due"] for step in plan["steps"]] == [3, 5, 20]


def test_the_verdict_waits_for_the_end_of_a_formal_notice(cast: Cast) -> None:
    """A letter that a DBA moves into the eight days waits for their end."""
    set_plan(cast, NOTICE_FIRST)
    invoice_id = pending(cast)
    sent = send_letter(cast, invoice_id)
    cast.dba(
        "update rubis.relance set scheduled_at = rubis.clock() + interval '2 days',"
        " next_look_at = rubis.clock() + interval '2 days' where status = 'scheduled'"
        " and invoice_id = %s",
        invoice_id,
    )
    shown = relances(cast, invoice_id)["ahead"]
    assert shown["reason"] == "notice_running"
    cast.clock.advance(days=2, hours=1)
    cast.tick()
    relance = ahead(cast, invoice_id)
    assert relance["status"] == "scheduled"
    earliest = sent["sent_at"].astimezone(PARIS).date() + timedelta(days=9)
    assert max(relance["scheduled_at"], relance["next_look_at"]).astimezone(PARIS).date() >= earliest


def test_a_formal_notice_that_is_sent_again_does_not_wait_for_itself(cast: Cast) -> None:
    """The user says that the notice did not arrive: it leaves again after 24 hours."""
    set_plan(cast, NOTICE_FIRST)
    invoice_id = pending(cast)
    fail_letter(cast, sending_letter(cast, invoice_id), "unknown")
    cast.api("resend_relance", relance_id=ahead(cast, invoice_id)["relance_id"])
    assert relances(cast, invoice_id)["ahead"]["reason"] != "notice_running"


def grant(cast: Cast, invoice_id: int, days: int) -> None:
    """The user grants a new term, so many days from today."""
    cast.update(invoice_id, due_on=cast.now().date() + timedelta(days=days))


def test_a_new_term_begins_the_plan_again(cast: Cast) -> None:
    """After letter 1 and a new term the client is reminded courteously again, in the same thread."""
    invoice_id = pending(cast)
    first = send_letter(cast, invoice_id)
    grant(cast, invoice_id, 10)
    assert cast.click(cast.ask(invoice_id), "pending") == "pending"
    relance = until_due(cast, invoice_id)
    assert (relance["step"], relance["tone"]) == (1, "courteous")
    assert relance["due_on"] > first["due_on"]
    assert begin_letter(cast, invoice_id)["thread"] == [cast.letters(invoice_id)[0]["message_id"]]
    past = relances(cast, invoice_id)["past"]
    assert [item["counts"] for item in past if item["status"] == "sent"] == [False]
    labels = [row["label"] for row in cast.rows("activity_event", invoice_id)]
    assert "relances begin again" in labels


def test_a_corrected_due_date_changes_no_step(cast: Cast) -> None:
    """A due date corrected to a day before the last letter is no new term: step 2 follows."""
    invoice_id = pending(cast)
    send_letter(cast, invoice_id)
    grant(cast, invoice_id, -1)
    assert cast.click(cast.ask(invoice_id), "pending") == "pending"
    assert until_due(cast, invoice_id)["step"] == 2
    assert [item["counts"] for item in relances(cast, invoice_id)["past"]] == [True]


def test_a_queued_letter_of_an_earlier_term_is_planned_again(cast: Cast) -> None:
    """A new term granted between queue and worker: step 2 is no longer sent."""
    invoice_id = pending(cast)
    send_letter(cast, invoice_id)
    assert until_queued(cast, invoice_id)["step"] == 2
    grant(cast, invoice_id, 10)
    assert begin_letter(cast, invoice_id)["skip_reason"] == "no relance is due"
    assert ahead(cast, invoice_id)["step"] == 1


def test_the_fate_of_a_letter_of_an_earlier_term_decides_nothing(cast: Cast) -> None:
    """Unconfirmed when a new term is granted: it is cancelled, and step 1 is planned for the new term."""
    invoice_id = pending(cast)
    fail_letter(cast, sending_letter(cast, invoice_id), "unknown")
    grant(cast, invoice_id, 10)
    relance = ahead(cast, invoice_id)
    assert (relance["step"], relance["status"]) == (1, "scheduled")
    assert relance["due_on"] == cast.row(invoice_id)["due_on"]
