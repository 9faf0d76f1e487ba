"""A letter's fates, what follows each, and what the user decides."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from psycopg.rows import DictRow

from tests.support.cast import Cast
from tests.support.letters import (
    accept_another,
    ahead,
    begin_letter,
    confirm_letter,
    fail_letter,
    finish_letter,
    pending,
    relances,
    send_letter,
    sending_letter,
    until_due,
    until_queued,
)

DAY = timedelta(hours=24)


def statuses(cast: Cast, invoice_id: int) -> list[tuple[int, str]]:
    """Step and status of each relance."""
    return [(row["step"], row["status"]) for row in cast.rows("relance", invoice_id)]


def test_after_an_accepted_letter_the_next_is_ahead(known: Cast) -> None:
    """In the same transaction, as far from it as the plan has it: 3 and 10 days, so seven later."""
    invoice_id = pending(known)
    sent = send_letter(known, invoice_id)
    assert statuses(known, invoice_id) == [(1, "sent"), (2, "scheduled")]
    assert ahead(known, invoice_id)["scheduled_at"] == datetime(2026, 3, 30, 8, tzinfo=UTC)
    assert known.events(invoice_id)[-1][0] == "relance_sent"
    assert known.letters(invoice_id)[0]["accepted_at"] == sent["sent_at"]


def test_an_invoice_created_late_keeps_the_distances(known: Cast) -> None:
    """Two months overdue: one letter, the others seven and twenty days after each other, not at once."""
    invoice_id = pending(known, issued_on=date(2025, 12, 1), due_on=date(2026, 1, 2))
    left = [send_letter(known, invoice_id)["sent_at"] for _ in range(3)]
    days = [(after.date() - before.date()).days for before, after in itertools.pairwise(left)]
    assert days[0] in (7, 8, 9, 10)
    assert days[1] in range(20, 24)
    assert ahead(known, invoice_id) == {}
    assert statuses(known, invoice_id) == [(1, "sent"), (2, "sent"), (3, "sent")]


def test_a_day_between_two_also_after_an_outage(known: Cast) -> None:
    """Steps on days 1, 2 and 3, the worker away for a week: one when it is back, the next a day later."""
    steps = [{"days_after_due": n, "tone": "firm"} for n in (1, 2, 3)]
    known.api("put_relance_plan", relance_plan_id=None, name=None, steps=known.json(steps))
    invoice_id = pending(known)
    known.clock.set("2026-04-08 15:20 Europe/Paris")
    first = send_letter(known, invoice_id)
    assert first["sent_at"] == known.now()
    second = send_letter(known, invoice_id)
    assert second["sent_at"] - first["sent_at"] >= DAY


def test_a_letter_that_fails_for_now_backs_off_for_a_day(known: Cast) -> None:
    """1, 2, 4 ... minutes; after a day and ten attempts it has failed, and the user may send it again."""
    invoice_id = pending(known)
    begun = sending_letter(known, invoice_id)
    relance_id = ahead(known, invoice_id)["relance_id"]
    first_at = known.now()
    fail_letter(known, begun, "temporary")
    assert ahead(known, invoice_id)["next_look_at"] == first_at + timedelta(minutes=1)
    assert relances(known, invoice_id)["ahead"]["leaves_at"] == (first_at + timedelta(minutes=1)).isoformat()
    accept_another(known)
    while ahead(known, invoice_id):
        fail_letter(known, sending_letter(known, invoice_id), "temporary")
    assert known.now() - first_at >= DAY
    assert statuses(known, invoice_id) == [(1, "failed")]
    assert known.events(invoice_id)[-1][0] == "relance_failed"
    known.api("resend_relance", relance_id=relance_id)
    assert statuses(known, invoice_id) == [(1, "scheduled")]
    send_letter(known, invoice_id)


def test_an_operator_failure_never_fails_a_letter(known: Cast) -> None:
    """Retried every five minutes at most, for as long as it lasts, and the day's quota is not used up."""
    known.settings(daily_relance_quota=1)
    invoice_id = pending(known)
    began = known.now()
    for _ in range(60):
        fail_letter(known, sending_letter(known, invoice_id), "operator")
    assert ahead(known, invoice_id)["status"] == "scheduled"
    assert known.now() - began > timedelta(hours=4)
    send_letter(known, invoice_id)


def test_a_refused_letter_pauses_the_client(known: Cast) -> None:
    """Its relances are cancelled, told, and no other leaves for that client until there is a new address."""
    invoice_id, beside = pending(known), pending(known)
    other = pending(known, due_on=date(2026, 3, 23))
    fail_letter(known, sending_letter(known, invoice_id), "refused")
    assert statuses(known, invoice_id) == statuses(known, beside) == [(1, "cancelled")]
    assert [kind for kind, _ in known.events(invoice_id)][-2:] == ["relance_refused", "relances_paused"]
    client_id = known.row(invoice_id)["client_id"]
    pause = known.api("get_client", client_id=client_id)["pause"]
    assert pause == {"until": None, "reason": "address refused"}
    assert until_due(known, other)["hold_reason"] == "paused"
    known.api("update_client", client_id=client_id, changes=known.json({"email": "new@dupont.test"}))
    assert known.api("get_client", client_id=client_id)["pause"] is None
    assert {ahead(known, i)["status"] for i in (invoice_id, beside, other)} == {"scheduled"}


@pytest.mark.parametrize("how", ["resume_client", "pause_client"])
def test_a_refused_clients_pause_ends(known: Cast, how: str) -> None:
    """By resuming, or by a pause that has an end: what was held, and what was cancelled, is ahead again."""
    invoice_id = pending(known)
    fail_letter(known, sending_letter(known, invoice_id), "refused")
    client_id = known.row(invoice_id)["client_id"]
    extra = {"until": date(2026, 4, 9), "reason": "promised"} if how == "pause_client" else {}
    known.api(how, client_id=client_id, **extra)
    assert ahead(known, invoice_id)["step"] == 1
    sent = send_letter_after_waits(known, invoice_id)
    assert sent["sent_at"].date() >= (date(2026, 4, 10) if extra else date(2026, 3, 23))


def send_letter_after_waits(cast: Cast, invoice_id: int) -> DictRow:
    """Tick at each moment the relance waits for, then send it."""
    relance = until_queued(cast, invoice_id)
    finish_letter(cast, begin_letter(cast, invoice_id))
    return next(r for r in cast.rows("relance", invoice_id) if r["relance_id"] == relance["relance_id"])


def test_a_refusal_of_an_old_address(known: Cast) -> None:
    """The client got a new address while the letter was on its way: tried there, and no client is paused."""
    invoice_id = pending(known)
    begun = sending_letter(known, invoice_id)
    client_id = known.row(invoice_id)["client_id"]
    known.api("update_client", client_id=client_id, changes=known.json({"email": "new@dupont.test"}))
    fail_letter(known, begun, "refused")
    assert statuses(known, invoice_id) == [(1, "scheduled")]
    assert known.api("get_client", client_id=client_id)["pause"] is None


@pytest.mark.parametrize("how", ["unknown", "the lease ran out"])
def test_a_letter_of_unknown_fate_is_never_sent_again_by_itself(known: Cast, how: str) -> None:
    """Unconfirmed, told, and for a month nothing leaves; nor does a plan change move it."""
    invoice_id = pending(known)
    begun = sending_letter(known, invoice_id)
    confirm_letter(known, begun)
    if how == "unknown":
        fail_letter(known, begun, "unknown")
    for _ in range(30):
        known.clock.advance(days=1)
        known.tick()
    steps = [{"days_after_due": 5, "tone": "firm"}]
    known.api("put_relance_plan", relance_plan_id=None, name=None, steps=known.json(steps))
    assert statuses(known, invoice_id) == [(1, "unconfirmed")]
    assert "relance_unconfirmed" in [kind for kind, _ in known.events(invoice_id)]
    assert relances(known, invoice_id)["ahead"]["reason"] == "unconfirmed"


def test_a_slow_worker_confirms_it(known: Cast) -> None:
    """Given up for dead it reports the acceptance after all: sent, and the next is ahead."""
    invoice_id = pending(known)
    begun = sending_letter(known, invoice_id)
    confirm_letter(known, begun)
    known.clock.advance(minutes=4)
    known.tick()
    assert statuses(known, invoice_id) == [(1, "unconfirmed")]
    finish_letter(known, begun)
    assert statuses(known, invoice_id) == [(1, "sent"), (2, "scheduled")]
    finish_letter(known, begun)
    assert statuses(known, invoice_id) == [(1, "sent"), (2, "scheduled")]


@pytest.mark.parametrize("fate", ["temporary", "refused", "operator"])
def test_a_slow_workers_failure_changes_nothing(known: Cast, fate: str) -> None:
    """A failure that a slow worker reports changes nothing once the user has been asked to decide."""
    invoice_id = pending(known)
    begun = sending_letter(known, invoice_id)
    confirm_letter(known, begun)
    known.clock.advance(minutes=4)
    known.tick()
    fail_letter(known, begun, fate)
    assert statuses(known, invoice_id) == [(1, "unconfirmed")]
    assert known.letters(invoice_id)[0]["failure_class"] == "unknown"


def test_an_unconfirmed_letter_is_confirmed_once(known: Cast) -> None:
    """It counts as sent when it was handed over, once; what is not unconfirmed cannot be confirmed."""
    invoice_id = pending(known)
    begun = sending_letter(known, invoice_id)
    relance_id, at = ahead(known, invoice_id)["relance_id"], known.now()
    with known.raises("RB409", "relance__not_unconfirmed"):
        known.api("confirm_relance", relance_id=relance_id)
    fail_letter(known, begun, "unknown")
    known.clock.advance(days=2)
    for _ in range(2):
        known.api("confirm_relance", relance_id=relance_id)
    assert statuses(known, invoice_id) == [(1, "sent"), (2, "scheduled")]
    assert known.rows("relance", invoice_id)[0]["sent_at"] == at
    assert [kind for kind, _ in known.events(invoice_id)].count("relance_confirmed") == 1


def test_resend_waits_its_day_and_a_late_acceptance_ends_it(known: Cast) -> None:
    """Not within 24 h of the letter that may have arrived; and not at all, once it is known to have."""
    invoice_id = pending(known)
    begun = sending_letter(known, invoice_id)
    fail_letter(known, begun, "unknown")
    relance_id = ahead(known, invoice_id)["relance_id"]
    known.api("resend_relance", relance_id=relance_id)
    shown = relances(known, invoice_id)["ahead"]
    assert (shown["status"], shown["reason"]) == ("scheduled", "too_soon")
    known.tick()
    assert ahead(known, invoice_id)["next_look_at"] == known.now() + DAY
    finish_letter(known, begun)
    assert statuses(known, invoice_id) == [(1, "sent"), (2, "scheduled")]
    with known.raises("RB409", "relance__not_unconfirmed"):
        known.api("resend_relance", relance_id=relance_id)


@pytest.mark.parametrize("fate", ["temporary", "operator", "unknown"])
def test_an_invoice_paid_while_its_letter_was_sent(known: Cast, fate: str) -> None:
    """It cannot be called back; nothing of it is tried again."""
    invoice_id = pending(known)
    begun = sending_letter(known, invoice_id)
    known.api("mark_invoice_paid", invoice_id=invoice_id)
    fail_letter(known, begun, fate)
    assert statuses(known, invoice_id) == [(1, "cancelled")]


def test_an_unconfirmed_letter_of_a_reopened_invoice_waits_for_the_user(known: Cast) -> None:
    """Unconfirmed, then paid, then reopened: it does not leave a second time by itself."""
    invoice_id = pending(known)
    fail_letter(known, sending_letter(known, invoice_id), "unknown")
    known.api("mark_invoice_paid", invoice_id=invoice_id)
    assert statuses(known, invoice_id) == [(1, "cancelled")]
    known.api("reopen_invoice", invoice_id=invoice_id, reason="the wrong transfer")
    assert statuses(known, invoice_id) == [(1, "unconfirmed")]


def test_a_step_sent_before_a_reopening_is_not_sent_again(known: Cast) -> None:
    """Paid and reopened after the first letter: the second is ahead."""
    invoice_id = pending(known)
    send_letter(known, invoice_id)
    known.api("mark_invoice_paid", invoice_id=invoice_id)
    known.api("reopen_invoice", invoice_id=invoice_id, reason=None)
    assert statuses(known, invoice_id) == [(1, "sent"), (2, "cancelled"), (2, "scheduled")]


def test_the_daily_quota_of_letters_holds(known: Cast) -> None:
    """Two a day: the third one, queued already, waits for the next working day, and says so."""
    known.settings(daily_relance_quota=2)
    invoices = [
        pending(known, client_name=name, client_email=f"{name}@clients.test") for name in ("a", "b", "c")
    ]
    send_letter(known, invoices[0])
    send_letter(known, invoices[1])
    assert relances(known, invoices[2])["ahead"]["reason"] == "quota"
    assert begin_letter(known, invoices[2])["skip_reason"] == "no relance may leave"
    assert relances(known, invoices[2])["ahead"]["leaves_at"] == "2026-03-24T09:00:00+00:00"
    send_letter(known, invoices[2])
    assert known.now() == datetime(2026, 3, 24, 9, tzinfo=UTC)


def test_a_queued_letter_whose_time_moved_ahead_is_put_off(known: Cast) -> None:
    """A DBA moves it to the next day: the queued letter has nothing to say, and another leaves then."""
    invoice_id = pending(known)
    until_queued(known, invoice_id)
    known.dba("update rubis.relance set scheduled_at = scheduled_at + interval '1 day'")
    assert begin_letter(known, invoice_id)["skip_reason"] == "no relance is due"
    assert send_letter(known, invoice_id)["sent_at"] == datetime(2026, 3, 24, 9, tzinfo=UTC)


def test_a_letter_sent_again_after_a_day_of_failures_has_its_own_day(known: Cast) -> None:
    """The tries that made the relance fail count no longer once the user sends it again."""
    invoice_id = pending(known)
    fail_letter(known, sending_letter(known, invoice_id), "temporary")
    accept_another(known)
    while ahead(known, invoice_id):
        fail_letter(known, sending_letter(known, invoice_id), "temporary")
    known.clock.advance(hours=1)
    known.api("resend_relance", relance_id=known.relance(invoice_id)["relance_id"])
    again_at = known.now()
    tries = 0
    while ahead(known, invoice_id):
        fail_letter(known, sending_letter(known, invoice_id), "temporary")
        tries += 1
        if tries == 9:
            accept_another(known)
    assert (statuses(known, invoice_id), tries >= 10) == ([(1, "failed")], True)
    assert known.now() - again_at >= DAY


def test_a_relance_that_joins_a_failing_letter_has_its_own_day(known: Cast) -> None:
    """The one that was tried for a day fails; the one that joined it an hour before is tried on."""
    invoice_id = pending(known)
    joins = pending(known, due_on=date(2026, 3, 21), number="joins")
    known.dba(
        "update rubis.relance set scheduled_at = '2026-03-24 09:00 Europe/Paris' where invoice_id = %s", joins
    )
    fail_letter(known, sending_letter(known, invoice_id), "temporary")
    accept_another(known)
    while ahead(known, invoice_id):
        begun = sending_letter(known, invoice_id)
        fail_letter(known, begun, "temporary")
    assert [invoice["invoice_id"] for invoice in begun["invoices"]] == [invoice_id, joins]
    assert (statuses(known, invoice_id), statuses(known, joins)) == ([(1, "failed")], [(1, "scheduled")])
    assert [i["invoice_id"] for i in sending_letter(known, joins)["invoices"]] == [joins]
