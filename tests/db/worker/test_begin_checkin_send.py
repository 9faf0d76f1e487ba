"""A worker takes the job: is it still to be asked?"""

from datetime import date, timedelta

import pytest

from tests.support.cast import Cast


def test_a_begun_mail_returns_all_that_it_needs(cast: Cast) -> None:
    """To the user, never the client: whom, what, how much, by when; the attempt is on record before."""
    cast.settings(locale="en")
    invoice_id = cast.invoice(number="2026-001")
    begun = cast.sending(invoice_id)
    (mail,) = cast.mails(invoice_id)
    assert begun == {
        "skip_reason": None,
        "checkin_mail_id": mail["checkin_mail_id"],
        "to_address": cast.email,
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
        "reminders": "planned",
        "token": mail["token_hash"],
    }
    assert (mail["to_address"], mail["attempted_at"]) == (cast.email, cast.now())
    assert (mail["accepted_at"], mail["failed_at"], mail["message_id"]) == (None, None, None)


def reminders(cast: Cast, invoice_id: int) -> str:
    """What the mail announces for an answer of pending."""
    said: str = cast.sending(invoice_id)["reminders"]
    return said


def test_the_mail_knows_of_a_client_without_an_address(cast: Cast) -> None:
    """It announces no relance that no client could receive."""
    client_id = cast.client(email=None)
    assert reminders(cast, cast.insert(client_id=client_id)) == "no_address"


@pytest.mark.parametrize("table", ["invoice", "client"])
def test_the_mail_knows_of_an_exclusion(cast: Cast, table: str) -> None:
    """An excluded invoice, or an invoice of an excluded client, gets no relance."""
    invoice_id = cast.invoice()
    cast.dba(f"update rubis.{table} set relances_off = true")
    assert reminders(cast, invoice_id) == "excluded"


@pytest.mark.parametrize(("until", "expected"), [("infinity", "paused"), ("2026-12-31", "planned")])
@pytest.mark.parametrize("table", ["invoice", "client"])
def test_the_mail_knows_of_an_endless_pause(cast: Cast, table: str, until: str, expected: str) -> None:
    """A pause without an end keeps relances away until the user resumes them; one with an end does not."""
    invoice_id = cast.invoice()
    cast.dba(f"update rubis.{table} set paused_until = '{until}'")
    assert reminders(cast, invoice_id) == expected


@pytest.mark.parametrize("merged", [False, True])
def test_the_mail_knows_of_every_name_of_an_address(cast: Cast, *, merged: bool) -> None:
    """What keeps letters back from the address, or from the client that this one is, keeps back this one."""
    client_id = cast.client(email="Compta@Dupont.test")
    invoice_id = cast.insert(client_id=client_id)
    other_id = cast.client(name="Boulangerie Dupont", email=None if merged else "compta@dupont.test")
    if merged:
        cast.api("merge_client", client_id=client_id, into_client_id=other_id)
    else:
        cast.api("update_client", client_id=other_id, changes=cast.json({"relances_off": True}))
    assert reminders(cast, invoice_id) == ("no_address" if merged else "excluded")


def test_the_mail_knows_of_a_plan_without_steps(cast: Cast) -> None:
    """No relance is planned for the invoice."""
    cast.api("put_relance_plan", relance_plan_id=None, name=None, steps=cast.json([]))
    assert reminders(cast, cast.invoice()) == "none"


def test_the_attempt_is_counted_and_leased(cast: Cast) -> None:
    """Three minutes to send; a day of retries begins."""
    invoice_id = cast.invoice()
    cast.sending(invoice_id)
    task = cast.task(invoice_id)
    assert (task["status"], task["attempts"], task["first_attempt_at"]) == ("sending", 1, cast.now())
    assert task["lease_expires_at"] == cast.now() + timedelta(minutes=3)


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_a_settled_invoice_is_not_asked_about(cast: Cast, status: str) -> None:
    """The job finds nothing to do, says why, and writes no mail."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "queued")
    cast.update(invoice_id, status=status)
    assert cast.begin(invoice_id)["skip_reason"] == f"invoice is {status}"
    assert cast.mails(invoice_id) == []


@pytest.mark.parametrize("status", ["scheduled", "sending", "sent", "failed", "expired"])
def test_only_a_queued_check_in_is_begun(cast: Cast, status: str) -> None:
    """A second job for the same question, or one that comes too late, does nothing."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, status)
    before = cast.effects(invoice_id), cast.mails(invoice_id)
    skipped = cast.begin(invoice_id)
    assert skipped.pop("skip_reason") == f"check-in is {status}"
    assert {value for name, value in skipped.items() if name != "token"} == {None}
    assert (cast.effects(invoice_id), cast.mails(invoice_id)) == before


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_an_answered_check_in_is_not_asked(cast: Cast, answer: str) -> None:
    """Answered in the app while it waited in the queue."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "queued")
    cast.api("answer_invoice_checkin", invoice_id=invoice_id, answer=answer)
    expected = "invoice is paid" if answer == "paid" else "check-in is answered"
    assert cast.begin(invoice_id)["skip_reason"] == expected


def test_a_replaced_check_in_is_not_asked(cast: Cast) -> None:
    """The job of a question that was cancelled by a change finds it cancelled."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "queued")
    old = cast.task(invoice_id)["checkin_task_id"]
    cast.update(invoice_id, amount_cents=1)
    skipped = cast.worker(
        "begin_checkin_send",
        organization_id=cast.organization_id,
        checkin_task_id=old,
        token_hash=b"\x01" * 32,
    )
    assert skipped["skip_reason"] == "check-in is cancelled"


def test_a_late_worker_may_still_begin(cast: Cast) -> None:
    """The lease ran out, but no tick has taken the row back: the mail leaves once."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "queued")
    cast.clock.advance(hours=1)
    assert cast.begin(invoice_id)["skip_reason"] is None
    assert cast.tick()["queued"] == 0


def test_a_mail_goes_to_the_issuers_address_of_today(cast: Cast) -> None:
    """A changed address, or another issuer, receives the question."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "queued")
    new = f"new-{cast.email}"
    cast.dba("update rubis.app_user set email = %s where user_id = %s", new, cast.user_id)
    assert cast.begin(invoice_id)["to_address"] == new


def test_years_of_attempts_can_be_counted(cast: Cast) -> None:
    """An operator's failure is retried every five minutes, for as long as it lasts."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "queued")
    cast.dba("update rubis.checkin_task set attempts = 32767 where invoice_id = %s", invoice_id)
    assert cast.begin(invoice_id)["skip_reason"] is None


@pytest.mark.parametrize(
    ("token", "sqlstate", "constraint"),
    [(b"short", "23514", "sha256__length"), (None, "23502", None)],
)
def test_a_token_is_a_sha256(cast: Cast, token: bytes, sqlstate: str, constraint: str | None) -> None:
    """Nothing else is taken, a plain token least of all; the question stays queued."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "queued")
    task_id = cast.task(invoice_id)["checkin_task_id"]
    with cast.raises(sqlstate, constraint):
        cast.worker(
            "begin_checkin_send",
            organization_id=cast.organization_id,
            checkin_task_id=task_id,
            token_hash=token,
        )
    assert cast.task(invoice_id)["status"] == "queued"


def test_a_token_serves_once(cast: Cast) -> None:
    """A hash that another mail has is refused."""
    first, second = cast.invoice(), cast.invoice()
    token = cast.ask(first)
    with cast.raises("23505", "checkin_mail__token_hash"):
        cast.worker(
            "begin_checkin_send",
            organization_id=cast.organization_id,
            checkin_task_id=cast.task(second)["checkin_task_id"],
            token_hash=token,
        )


def test_an_unknown_check_in_is_missing(cast: Cast) -> None:
    """No row, or another organization's: nothing to send."""
    other = Cast(cast.line, now=None)
    foreign = other.task(other.invoice())["checkin_task_id"]
    for checkin_task_id in (0, foreign):
        with cast.raises("RB404", "checkin_task__missing", "checkin_task_id"):
            cast.worker(
                "begin_checkin_send",
                organization_id=cast.organization_id,
                checkin_task_id=checkin_task_id,
                token_hash=b"\x01" * 32,
            )
