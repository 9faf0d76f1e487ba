"""One machine for all kinds of mails: begin, finish, fail and recover, each said once or twice.

A story brings a mail of a kind into the queue; what the tests say of one kind they say of all.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from psycopg.rows import DictRow

from tests.support.cast import Cast
from tests.support.letters import (
    accept_another,
    calendar,
    confirm_letter,
    pending,
    proven,
    queued_letter,
    until_queued,
)

MINUTE = timedelta(minutes=1)


def questions(cast: Cast) -> None:
    """A question is due."""
    cast.queue(cast.invoice())


def letter(cast: Cast) -> None:
    """A relance is due."""
    invoice_id = pending(cast)
    until_queued(cast, invoice_id)
    assert queued_letter(cast, invoice_id) is not None


def receipts(cast: Cast) -> None:
    """An answer of paid is to be confirmed."""
    invoice_id = cast.invoice()
    assert cast.click(cast.ask(invoice_id)) == "paid"
    cast.clock.set(cast.task(invoice_id)["receipt_at"])
    cast.tick()


def said_paid(cast: Cast) -> None:
    """A click on paid did not count."""
    token = cast.ask(cast.invoice())
    assert [cast.click(token, answer) for answer in ("pending", "paid")] == ["pending", "confirm"]
    cast.tick()


def notice(kind: str) -> Callable[[Cast], None]:
    """A notice that stands by itself."""

    def story(cast: Cast) -> None:
        cast.dba(
            "select rubis.add_notice(%s, %s, %s, %s)",
            *(cast.organization_id, cast.user_id, kind, cast.json({"invoices": ["F-1"]})),
        )
        cast.tick()

    return story


KINDS: dict[str, Callable[[Cast], None]] = {
    "questions": questions,
    "letter": letter,
    "receipts": receipts,
    "said_paid": said_paid,
    "verify_email": notice("verify_email"),
    "late_notice": notice("late_notice"),
    "click_mode_advice": notice("click_mode_advice"),
    "change_email": notice("change_email"),
    "email_changing": notice("email_changing"),
    "reset_password": notice("reset_password"),
    "password_changed": notice("password_changed"),
}
LINKS = {
    "questions": 1,
    "letter": 0,
    "receipts": 1,
    "said_paid": 1,
    "verify_email": 1,
    "reset_password": 1,
    "email_changing": 1,
    "change_email": 1,
}


@pytest.fixture(params=KINDS)
def kind(cast: Cast, request: pytest.FixtureRequest) -> str:
    """A kind of mail, one of which is queued."""
    calendar(cast)
    if request.param != "verify_email":
        proven(cast)
    KINDS[request.param](cast)
    assert mail(cast, request.param)["status"] == "queued"
    name: str = request.param
    return name


def mail(cast: Cast, kind: str) -> DictRow:
    """The latest mail of this kind."""
    return cast.notices(kind)[-1]


def attempts(cast: Cast, kind: str) -> list[DictRow]:
    """The attempts of the latest mail of this kind."""
    return cast.session.rows(
        "select * from rubis.mail_attempt where organization_id = %s and mail_id = %s order by attempt",
        [cast.organization_id, mail(cast, kind)["mail_id"]],
    )


def begin(cast: Cast, kind: str) -> DictRow:
    """Begin that mail, which is queued."""
    begun = cast.begin_mail(mail(cast, kind)["mail_id"])
    assert begun["skip_reason"] is None, begun
    return begun


def everything(cast: Cast) -> dict[str, Any]:
    """Every row of the machine and of what it moves, but for the wakes."""
    tables = ("mail", "mail_attempt", "mail_item", "checkin_task", "relance", "activity_event", "letter_text")
    return {
        table: cast.session.rows(
            f"select to_jsonb(t)::text as row from rubis.{table} as t where organization_id = %s order by 1",
            [cast.organization_id],
        )
        for table in tables
    }


def test_a_begun_mail_is_on_record_before_it_leaves(cast: Cast, kind: str) -> None:
    """Its attempt, address and Message-ID, the hashes of its links, and a lease of three minutes."""
    begun = begin(cast, kind)
    row, (attempt,) = mail(cast, kind), attempts(cast, kind)
    assert (begun["kind"], begun["attempt"], row["attempts"]) == (kind, 1, 1)
    assert (row["status"], row["lease_expires_at"]) == ("sending", cast.now() + timedelta(minutes=3))
    assert (attempt["to_address"], attempt["message_id"]) == (begun["to_address"], begun["message_id"])
    assert (attempt["attempted_at"], attempt["accepted_at"]) == (cast.now(), None)
    hashes = cast.session.rows(
        "select token_hash from rubis.mail_item where mail_id = %s and token_hash is not null",
        [begun["mail_id"]],
    )
    assert [row["token_hash"] for row in hashes] == list(begun["tokens"].values())
    assert len(hashes) == LINKS.get(kind, 0)


def test_an_accepted_mail_is_sent_once(cast: Cast, kind: str) -> None:
    """Recorded a second time it changes nothing, and no tick takes it up again."""
    begun = begin(cast, kind)
    cast.clock.advance(seconds=1)
    cast.finish(begun, subject="Objet", body="Texte")
    row, (attempt,) = mail(cast, kind), attempts(cast, kind)
    assert (row["status"], row["ended_at"], attempt["accepted_at"]) == ("sent", cast.now(), cast.now())
    before = everything(cast)
    cast.clock.advance(minutes=4)
    cast.finish(begun, subject="Autre objet", body="Autre texte")
    cast.fail(begun, "temporary")
    assert everything(cast) == before
    cast.tick()
    assert len(cast.notices(kind)) == 1
    assert mail(cast, kind)["status"] == "sent"


@pytest.mark.parametrize("failure_class", ["temporary", "refused", "operator", "unknown", "withdrawn"])
def test_a_failed_mail_goes_its_way_once(cast: Cast, kind: str, failure_class: str) -> None:
    """Tried again, failed, unconfirmed or cancelled; said a second time the failure changes nothing."""
    begun = begin(cast, kind)
    cast.fail(begun, failure_class, "as it was")
    row, (attempt,) = mail(cast, kind), attempts(cast, kind)
    assert (attempt["failure_class"], attempt["failure_detail"]) == (failure_class, "as it was")
    if failure_class == "refused":
        expected = "failed"
    elif kind == "letter":
        expected = {"unknown": "unconfirmed", "withdrawn": "cancelled"}.get(failure_class, "scheduled")
    else:
        expected = "scheduled"
    assert row["status"] == expected
    if expected == "scheduled":
        wait = timedelta(0) if failure_class == "withdrawn" else MINUTE
        assert (row["next_attempt_at"], row["ended_at"]) == (cast.now() + wait, None)
    else:
        assert (row["next_attempt_at"], row["ended_at"]) == (None, cast.now())
    before = everything(cast)
    cast.fail(begun, failure_class, "as it was")
    assert everything(cast) == before


@pytest.mark.parametrize("failure_class", ["temporary", "operator"])
def test_a_mail_that_failed_for_now_leaves_at_its_second_attempt(
    cast: Cast, kind: str, failure_class: str
) -> None:
    """A minute later the same mail is queued, begun with new links, and sent."""
    first = begin(cast, kind)
    cast.fail(first, failure_class)
    cast.clock.advance(minutes=1)
    cast.tick()
    second = begin(cast, kind)
    assert (second["mail_id"], second["attempt"]) == (first["mail_id"], 2)
    assert not set(first["tokens"].values()) & set(second["tokens"].values())
    assert second["message_id"] != first["message_id"]
    cast.finish(second, subject="Objet", body="Texte")
    assert mail(cast, kind)["status"] == "sent"
    assert len(cast.notices(kind)) == 1


def test_a_worker_that_died_before_it_began_loses_nothing(cast: Cast, kind: str) -> None:
    """Queued, and no worker began: after ten minutes the mail is queued once more, at its first attempt."""
    cast.clock.advance(minutes=5)
    cast.tick()
    cast.clock.set(mail(cast, kind)["lease_expires_at"])
    assert cast.tick()["recovered"] == 1
    assert begin(cast, kind)["attempt"] == 1


def test_a_worker_that_died_while_sending_leaves_an_unknown_fate(cast: Cast, kind: str) -> None:
    """After three minutes a letter that had its last word waits for its user; all else is mailed again."""
    begun = begin(cast, kind)
    if kind == "letter":
        confirm_letter(cast, begun)
    cast.clock.advance(minutes=3)
    assert cast.tick()["recovered"] == 1
    row, (attempt,) = mail(cast, kind), attempts(cast, kind)
    assert attempt["failure_class"] == "unknown"
    if kind == "letter":
        assert (row["status"], row["next_attempt_at"]) == ("unconfirmed", None)
    else:
        assert (row["status"], row["next_attempt_at"]) == ("scheduled", cast.now() + MINUTE)
    cast.finish(begun, subject="Objet", body="Texte")
    assert mail(cast, kind)["status"] == "sent"
    assert attempts(cast, kind)[0]["failure_class"] is None


def test_a_mail_is_begun_by_one_worker(cast: Cast, kind: str) -> None:
    """A second job for it finds it begun and records nothing."""
    begun = begin(cast, kind)
    before = everything(cast)
    assert cast.begin_mail(begun["mail_id"])["skip_reason"] == "mail is sending"
    assert everything(cast) == before


@pytest.mark.parametrize("kind", ["questions", "letter", "receipts", "said_paid"], indirect=True)
def test_a_mail_with_nothing_left_to_say_is_cancelled(cast: Cast, kind: str) -> None:
    """Settled while it waited in the queue: it does not leave, and says why."""
    for invoice in cast.session.rows(
        "select invoice_id, status from rubis.invoice where organization_id = %s", [cast.organization_id]
    ):
        cast.update(invoice["invoice_id"], status="open" if invoice["status"] == "paid" else "paid")
    skipped = cast.begin_mail(mail(cast, kind)["mail_id"])
    row = mail(cast, kind)
    assert (row["status"], row["end_reason"]) == ("cancelled", skipped["skip_reason"])
    assert (row["ended_at"], attempts(cast, kind)) == (cast.now(), [])


@pytest.mark.parametrize("kind", ["receipts", "verify_email", "late_notice"], indirect=True)
def test_a_notice_is_given_up_after_a_day(cast: Cast, kind: str) -> None:
    """Ten attempts and 24 hours of temporary failures: it fails, and no other follows."""
    cast.fail(begin(cast, kind), "temporary")
    first_at = cast.now()
    accept_another(cast)
    while (row := mail(cast, kind))["status"] == "scheduled":
        assert cast.now() < first_at + timedelta(hours=26)
        cast.clock.set(row["next_attempt_at"])
        cast.tick()
        cast.fail(begin(cast, kind), "temporary")
    assert row["status"] == "failed"
    assert first_at + timedelta(hours=24) <= cast.now() < first_at + timedelta(hours=25)
    cast.clock.advance(hours=1)
    cast.tick()
    assert len(cast.notices(kind)) == 1


def test_a_question_is_given_up_by_its_own_tries(cast: Cast) -> None:
    """A mail fails for a day; a question that joined it at noon has its own day, with the same mail."""
    proven(cast)
    first = cast.invoice()
    cast.fail(cast.sending(first), "temporary")
    began_at = cast.now()
    cast.clock.advance(hours=12)
    second = cast.invoice(due_on="2026-03-20")
    cast.clock.advance(minutes=2)
    cast.fail(cast.sending(second), "temporary")
    accept_another(cast)
    ended: dict[int, Any] = {}
    while len(ended) < 2:
        assert cast.now() < began_at + timedelta(hours=40)
        live = [row for row in cast.notices("questions") if row["status"] == "scheduled"]
        cast.clock.wait_until(live[0]["next_attempt_at"] if live else cast.now() + MINUTE)
        cast.tick()
        if queued := [row for row in cast.notices("questions") if row["status"] == "queued"]:
            begun = cast.begin_mail(queued[0]["mail_id"])
            if begun["skip_reason"] is None:
                cast.fail(begun, "temporary")
        for invoice_id in (first, second):
            if cast.task(invoice_id)["status"] == "failed":
                ended.setdefault(invoice_id, cast.now() - began_at)
    assert timedelta(hours=24) <= ended[first] < timedelta(hours=25)
    assert timedelta(hours=36) <= ended[second] < timedelta(hours=37)
