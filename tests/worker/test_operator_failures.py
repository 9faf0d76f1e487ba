"""What only a person can mend: no check-in fails for it, it is seen, and all goes on once it is mended."""

from datetime import timedelta

from tests.support.cast import Cast
from tests.support.mails import assert_links_work, wait_for_failure, wait_until
from tests.support.smtp import Peer, listening
from tests.support.waiting import until
from tests.worker.conftest import StartWorker


def invoice_number(cast: Cast, invoice_id: int) -> str:
    """The number of an invoice."""
    query = "select number from rubis.invoice where invoice_id = %s"
    number: str = cast.session.value(query, [invoice_id])
    return number


def test_bad_credentials_are_retried_and_shown(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """A wrong SMTP password is retried every few minutes for ever, shows in readiness, is never logged.

    Once mended, the user is told of what was late.
    """
    peer.credentials = (b"rubis", b"right-password")
    worker = start_worker(SMTP_USERNAME="rubis", SMTP_PASSWORD="wrong-password")
    invoice_id = cast.invoice()
    cast.clock.advance(minutes=2)
    mail = wait_for_failure(cast, invoice_id)
    task = wait_until(cast, invoice_id, "scheduled")
    assert mail["failure_class"] == "operator"
    assert task["first_attempt_at"] is None
    assert task["next_attempt_at"] - mail["failed_at"] <= timedelta(minutes=5)
    assert cast.public("readiness")["mail"]["ok"] is False

    cast.clock.advance(hours=48)
    wait_for_failure(cast, invoice_id, 2)
    wait_until(cast, invoice_id, "scheduled")
    assert cast.kinds(invoice_id) == ["invoice_created"]
    assert "wrong-password" not in worker.log()
    worker.ask_to_stop()
    assert worker.wait() == 0

    start_worker(SMTP_USERNAME="rubis", SMTP_PASSWORD="right-password")
    cast.clock.advance(minutes=5)
    wait_until(cast, invoice_id, "sent")
    assert_links_work(cast, [mail for mail in peer.to(cast.email) if mail.links])
    assert cast.public("readiness")["mail"]["ok"] is True
    # Two days went by between two ticks, in which mail failed as well: one notice tells both.
    notices = until(
        lambda: [mail for mail in peer.to(cast.email) if not mail.links] or None, "no notice of what was late"
    )
    assert [invoice_number(cast, invoice_id) in notice.text for notice in notices] == [True]


def test_a_server_that_is_not_there(cast: Cast, start_worker: StartWorker) -> None:
    """A refused connection is a passing failure; the mail leaves when the server is back."""
    elsewhere = Peer()
    start_worker(SMTP_PORT=str(elsewhere.port))
    invoice_id = cast.invoice()
    cast.clock.advance(minutes=2)
    mail = wait_for_failure(cast, invoice_id)
    task = wait_until(cast, invoice_id, "scheduled")
    assert mail["failure_class"] == "temporary"
    assert "connect" in mail["failure_detail"]
    assert task["next_attempt_at"] - mail["failed_at"] == timedelta(minutes=1)
    with listening(elsewhere):
        cast.clock.advance(minutes=1)
        wait_until(cast, invoice_id, "sent")
        until(lambda: len(elsewhere.to(cast.email)) == 1, "the mail did not arrive")


def test_a_sender_the_server_does_not_take(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """A 5xx before the recipient is named is the operator's to mend, not the user's fault."""
    rule = peer.reply("rcpt", "550 5.7.1 relaying denied", cast.email)
    start_worker()
    invoice_id = cast.invoice()
    cast.clock.advance(minutes=2)
    assert wait_for_failure(cast, invoice_id)["failure_class"] == "operator"
    wait_until(cast, invoice_id, "scheduled")
    peer.forget(rule)
    cast.clock.advance(minutes=5)
    wait_until(cast, invoice_id, "sent")
