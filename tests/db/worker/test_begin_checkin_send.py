"""A worker takes the job: is it still to be asked?"""

from datetime import date, timedelta

import pytest

from tests.support.story import Story


def test_it_returns_all_that_the_mail_needs(story: Story) -> None:
    """To the user, never the client: whom, what, how much, by when; the attempt is on record before."""
    story.settings(locale="en")
    invoice_id = story.invoice(number="2026-001")
    begun = story.sending(invoice_id)
    (mail,) = story.mails(invoice_id)
    assert begun == {
        "skip_reason": None,
        "checkin_mail_id": mail["checkin_mail_id"],
        "to_address": story.email,
        "full_name": "Camille Martin",
        "organization_name": "Atelier Rubis",
        "locale": "en",
        "click_mode": "direct",
        "client_name": "Dupont SARL",
        "number": "2026-001",
        "amount_cents": 120_000,
        "currency": "EUR",
        "issued_on": date(2026, 3, 1),
        "due_on": date(2026, 3, 20),
        "token": mail["token_hash"],
    }
    assert (mail["to_address"], mail["attempted_at"]) == (story.email, story.now())
    assert (mail["accepted_at"], mail["failed_at"], mail["message_id"]) == (None, None, None)


def test_the_attempt_is_counted_and_leased(story: Story) -> None:
    """Three minutes to send; a day of retries begins."""
    invoice_id = story.invoice()
    story.sending(invoice_id)
    task = story.task(invoice_id)
    assert (task["status"], task["attempts"], task["first_attempt_at"]) == ("sending", 1, story.now())
    assert task["lease_expires_at"] == story.now() + timedelta(minutes=3)


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_a_settled_invoice_is_not_asked_about(story: Story, status: str) -> None:
    """The job finds nothing to do, says why, and writes no mail."""
    invoice_id = story.invoice()
    story.bring(invoice_id, "queued")
    story.update(invoice_id, status=status)
    assert story.begin(invoice_id)["skip_reason"] == f"invoice is {status}"
    assert story.mails(invoice_id) == []


@pytest.mark.parametrize("status", ["scheduled", "sending", "sent", "failed", "expired"])
def test_only_a_queued_check_in_is_begun(story: Story, status: str) -> None:
    """A second job for the same question, or one that comes too late, does nothing."""
    invoice_id = story.invoice()
    story.bring(invoice_id, status)
    before = story.effects(invoice_id), story.mails(invoice_id)
    skipped = story.begin(invoice_id)
    assert skipped.pop("skip_reason") == f"check-in is {status}"
    assert {value for name, value in skipped.items() if name != "token"} == {None}
    assert (story.effects(invoice_id), story.mails(invoice_id)) == before


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_an_answered_check_in_is_not_asked(story: Story, answer: str) -> None:
    """Answered in the app while it waited in the queue."""
    invoice_id = story.invoice()
    story.bring(invoice_id, "queued")
    story.api("answer_invoice_checkin", invoice_id=invoice_id, answer=answer)
    expected = "invoice is paid" if answer == "paid" else "check-in is answered"
    assert story.begin(invoice_id)["skip_reason"] == expected


def test_a_replaced_check_in_is_not_asked(story: Story) -> None:
    """The job of a question that was cancelled by a change finds it cancelled."""
    invoice_id = story.invoice()
    story.bring(invoice_id, "queued")
    old = story.task(invoice_id)["checkin_task_id"]
    story.update(invoice_id, amount_cents=1)
    skipped = story.worker(
        "begin_checkin_send",
        organization_id=story.organization_id,
        checkin_task_id=old,
        token_hash=b"\x01" * 32,
    )
    assert skipped["skip_reason"] == "check-in is cancelled"


def test_a_late_worker_may_still_begin(story: Story) -> None:
    """The lease ran out, but no tick has taken the row back: the mail leaves once."""
    invoice_id = story.invoice()
    story.bring(invoice_id, "queued")
    story.session.clock.advance(hours=1)
    assert story.begin(invoice_id)["skip_reason"] is None
    assert story.tick()["queued"] == 0


def test_it_goes_to_the_issuers_address_of_today(story: Story) -> None:
    """A changed address, or another issuer, receives the question."""
    invoice_id = story.invoice()
    story.bring(invoice_id, "queued")
    new = f"new-{story.email}"
    story.dba("update rubis.app_user set email = %s where user_id = %s", new, story.user_id)
    assert story.begin(invoice_id)["to_address"] == new


def test_years_of_attempts_can_be_counted(story: Story) -> None:
    """An operator's failure is retried every five minutes, for as long as it lasts."""
    invoice_id = story.invoice()
    story.bring(invoice_id, "queued")
    story.dba("update rubis.checkin_task set attempts = 32767 where invoice_id = %s", invoice_id)
    assert story.begin(invoice_id)["skip_reason"] is None


@pytest.mark.parametrize(
    ("token", "sqlstate", "constraint"),
    [(b"short", "23514", "sha256__length"), (None, "23502", None)],
)
def test_a_token_is_a_sha256(story: Story, token: bytes, sqlstate: str, constraint: str | None) -> None:
    """Nothing else is taken, a plain token least of all; the question stays queued."""
    invoice_id = story.invoice()
    story.bring(invoice_id, "queued")
    task_id = story.task(invoice_id)["checkin_task_id"]
    with story.raises(sqlstate, constraint):
        story.worker(
            "begin_checkin_send",
            organization_id=story.organization_id,
            checkin_task_id=task_id,
            token_hash=token,
        )
    assert story.task(invoice_id)["status"] == "queued"


def test_a_token_serves_once(story: Story) -> None:
    """A hash that another mail has is refused."""
    first, second = story.invoice(), story.invoice()
    token = story.ask(first)
    with story.raises("23505", "checkin_mail__token_hash"):
        story.worker(
            "begin_checkin_send",
            organization_id=story.organization_id,
            checkin_task_id=story.task(second)["checkin_task_id"],
            token_hash=token,
        )


def test_an_unknown_check_in_is_missing(story: Story) -> None:
    """No row, or another organization's: nothing to send."""
    other = Story(story.session, now=None)
    foreign = other.task(other.invoice())["checkin_task_id"]
    for checkin_task_id in (0, foreign):
        with story.raises("RB404", "checkin_task__missing", "checkin_task_id"):
            story.worker(
                "begin_checkin_send",
                organization_id=story.organization_id,
                checkin_task_id=checkin_task_id,
                token_hash=b"\x01" * 32,
            )
