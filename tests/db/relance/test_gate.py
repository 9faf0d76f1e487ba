"""A relance leaves only once its owner was asked and every link is used or has run out."""

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.letters import (
    ahead,
    begin_notice,
    calendar,
    is_leaving,
    pending,
    proven,
    queued_letter,
    relances,
    until_due,
)
from tests.support.line import Transaction
from tests.support.session import Session

DAY = timedelta(hours=24)


def at_its_time(cast: Cast, invoice_id: int) -> None:
    """Let the relance's time come without a tick in between that expires the check-in."""
    cast.clock.set(max(cast.now(), ahead(cast, invoice_id)["scheduled_at"]))


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("scheduled", "owner_being_asked"),
        ("queued", "owner_being_asked"),
        ("sending", "owner_being_asked"),
        ("failed", "owner_not_asked"),
    ],
)
def test_a_relance_is_held_while_the_owner_is_not_asked(known: Cast, status: str, reason: str) -> None:
    """On its way the check-in holds the relance; failed, it does until somebody acts."""
    invoice_id = known.invoice()
    proven(known)
    known.bring(invoice_id, status)
    known.dba("update rubis.relance set scheduled_at = rubis.clock() where invoice_id = %s", invoice_id)
    if status == "scheduled":
        known.dba("update rubis.checkin_task set scheduled_at = rubis.clock() + interval '9 days'")
    known.tick()
    relance = ahead(known, invoice_id)
    assert (relance["status"], relance["hold_reason"], relance["next_look_at"]) == ("held", reason, None)


def test_cancelled_and_not_asked_again_it_is_held(known: Cast) -> None:
    """A DBA cancelled the question: the owner was not asked. Asked again, it goes on."""
    invoice_id = known.invoice()
    proven(known)
    known.dba(
        "update rubis.checkin_task set status = 'cancelled',"
        " ended_at = rubis.clock(), end_reason = 'test' where invoice_id = %s",
        invoice_id,
    )
    assert until_due(known, invoice_id)["hold_reason"] == "owner_not_asked"
    known.api("ask_checkin_again", invoice_id=invoice_id)
    assert ahead(known, invoice_id)["status"] == "scheduled"
    known.click(known.ask(invoice_id), "pending")
    until_due(known, invoice_id)
    assert is_leaving(known, invoice_id)


def test_answered_in_the_app_after_a_failure_it_goes_on(known: Cast) -> None:
    """Refused, then pending in the app: the link of that mail lives its day, then it leaves."""
    invoice_id = known.invoice()
    proven(known)
    known.bring(invoice_id, "failed")
    assert until_due(known, invoice_id)["hold_reason"] == "owner_not_asked"
    known.api("answer_invoice_checkin", invoice_id=invoice_id, answer="pending")
    assert ahead(known, invoice_id)["status"] == "scheduled"
    until_due(known, invoice_id)
    assert is_leaving(known, invoice_id)


def test_two_mails_and_one_unused_link(known: Cast) -> None:
    """The question was mailed twice and answered by one link: the other one's 24 h are waited for."""
    proven(known)
    known.dba("update rubis.relance_plan_step set days_after_due = 1 where step = 1")
    invoice_id = known.invoice(due_on=known.now().date() + timedelta(days=2))
    known.sending(invoice_id)
    known.clock.advance(minutes=3)
    known.tick()
    token = known.ask(invoice_id)
    second_at = known.now()
    known.click(token, "pending")
    known.dba("update rubis.relance set scheduled_at = rubis.clock() where invoice_id = %s", invoice_id)
    known.tick()
    waiting = ahead(known, invoice_id)
    assert waiting["status"] == "scheduled"
    assert second_at < waiting["next_look_at"] <= second_at + DAY
    assert relances(known, invoice_id)["ahead"]["reason"] in ("link_alive", None)


def test_a_relance_leaves_once_the_question_expired(known: Cast) -> None:
    """The owner did not answer: the day is over, and the relance leaves."""
    invoice_id = known.invoice()
    proven(known)
    known.bring(invoice_id, "expired")
    until_due(known, invoice_id)
    assert is_leaving(known, invoice_id)


def test_an_unproven_address_holds_until_a_person_acts(known: Cast) -> None:
    """A click that answers nothing proves nothing; a button does, and the next tick lets go what waited."""
    invoice_id, other = known.invoice(), known.invoice()
    token = known.ask(other)
    assert known.task(invoice_id)["status"] == "sent"
    known.clock.advance(hours=25)
    known.tick()
    assert until_due(known, invoice_id)["hold_reason"] == "address_unproven"
    assert known.click(token, "pending") == "expired"
    known.tick()
    assert ahead(known, invoice_id)["status"] == "held"
    assert known.press(token, "pending") == "expired"
    assert ahead(known, invoice_id)["status"] == "held"
    known.tick()
    assert is_leaving(known, invoice_id)


def test_the_verification_mail_proves_too(known: Cast) -> None:
    """One mail on its way at a time; its button may be pressed for a day, and again."""
    invoice_id = known.invoice()
    known.bring(invoice_id, "expired")
    assert until_due(known, invoice_id)["hold_reason"] == "address_unproven"
    known.api("request_email_proof")
    known.api("request_email_proof")
    assert known.session.value("select count(*) from rubis.mail where kind = 'verify_email'") == 1
    begun = begin_notice(known)
    known.finish(begun)
    assert known.public("prove_email", token_hash=b"x" * 32) == {"outcome": "invalid"}
    assert known.public("prove_email", token_hash=begun["token"]) == {"outcome": "proven"}
    assert known.public("prove_email", token_hash=begun["token"]) == {"outcome": "proven"}
    known.tick()
    assert is_leaving(known, invoice_id)
    known.clock.advance(hours=24)
    assert known.public("prove_email", token_hash=begun["token"]) == {"outcome": "proven"}


def test_another_address_is_not_proven(known: Cast) -> None:
    """The proof was about the old one, and a click on a link mailed there proves nothing any more."""
    invoice_id = known.invoice()
    token = known.ask(invoice_id)
    known.click(token, "pending")
    known.dba("update rubis.app_user set email = 'new@atelier.test' where user_id = %s", known.user_id)
    known.click(token, "pending")
    assert until_due(known, invoice_id)["hold_reason"] == "address_unproven"


def test_held_rows_starve_nobody(known: Cast) -> None:
    """500 that may not leave stand before the one that may; some ticks later they are out of the way."""
    good = pending(known)
    known.dba(
        "insert into rubis.invoice (organization_id, client_id, number, issued_on, due_on, amount_cents)"
        " select organization_id, client_id, 'H-' || n, issued_on, due_on, 1 from rubis.invoice"
        " cross join generate_series(1, 500) as n where invoice_id = %s",
        good,
    )
    known.dba(
        "update rubis.relance set scheduled_at = rubis.clock() - interval '1 hour' where invoice_id <> %s",
        good,
    )
    at_its_time(known, good)
    for _ in range(6):
        known.tick(limit=100)
    assert is_leaving(known, good)
    held = "select count(*) from rubis.relance where status = 'held'"
    assert known.session.value(held) == 500


def test_the_calendar_must_be_known(cast: Cast) -> None:
    """Without this year's public holidays nothing leaves; it is looked at again every ten minutes."""
    invoice_id = pending(cast)
    waiting = until_due(cast, invoice_id)
    assert (waiting["status"], waiting["next_look_at"]) == (
        "scheduled",
        cast.now() + timedelta(minutes=10),
    )
    assert relances(cast, invoice_id)["ahead"]["reason"] == "calendar_unknown"
    calendar(cast)
    until_due(cast, invoice_id)
    assert is_leaving(cast, invoice_id)


def test_missing_years_are_asked_for(tx: Session) -> None:
    """From last year to two years ahead, of every organization's country, until they are there."""
    tx.clock.set("2026-03-02 10:00 Europe/Paris")
    cast = Cast(Transaction(tx), country="BE")
    missing = {(row["calendar"], row["year"]) for row in cast.worker("missing_holidays")}
    assert missing == {(country, year) for country in ("BE", "FR") for year in (2025, 2026, 2027, 2028)}
    for _ in range(2):
        cast.worker("put_holidays", calendar="BE", year=2026, holidays=cast.json([]))
    assert ("BE", 2026) not in {(row["calendar"], row["year"]) for row in cast.worker("missing_holidays")}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("update rubis.invoice set status = 'paid'", None),
        ("update rubis.invoice set paused_until = '2026-12-31'", "paused"),
        ("update rubis.client set paused_until = 'infinity'", "paused"),
        ("update rubis.client set email = null", "no_address"),
        ("update rubis.client set relances_off = true", "client_excluded"),
        ("update rubis.invoice set relances_off = true", "invoice_excluded"),
        ("update rubis.organization set daily_relance_quota = 0", "quota"),
        ("insert into rubis.public_holiday values ('FR', '2026-03-23', 'new')", "day_off"),
    ],
)
def test_between_queue_and_begin(known: Cast, change: str, reason: str | None) -> None:
    """The verdict is asked again under lock; the API gives the same reason."""
    invoice_id = pending(known)
    until_due(known, invoice_id)
    letter = queued_letter(known, invoice_id)
    assert letter is not None
    known.dba(change)
    assert known.begin_mail(letter["mail_id"])["skip_reason"] in ("no relance may leave", "no relance is due")
    assert known.letters(invoice_id) == []
    assert known.session.value("select status from rubis.mail where kind = 'letter'") == "cancelled"
    shown = relances(known, invoice_id)["ahead"]
    assert (shown and shown["reason"]) in (reason, None)
    assert not is_leaving(known, invoice_id)
