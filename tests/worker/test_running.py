"""Workers at work: stopping, skipping, sharing."""

import pytest

from app.core.security import token_hash
from tests.support.cast import Cast
from tests.support.database import Database
from tests.support.mails import assert_links_work, wait_until
from tests.support.smtp import Peer
from tests.support.waiting import until
from tests.worker.conftest import StartWorker, listening


def test_stopping_finishes_the_mail_in_hand(
    workshop: Database, cast: Cast, peer: Peer, start_worker: StartWorker
) -> None:
    """SIGTERM in the middle of a mail: it is sent and recorded, nothing new begins, the exit code is 0."""
    held = peer.hold("accepted")
    worker = start_worker()
    invoice_id = cast.invoice()
    cast.clock.advance(minutes=2)
    held.wait_until_reached()
    worker.ask_to_stop()
    until(lambda: not listening(workshop), "no stop")
    late = cast.invoice()
    cast.queue(late)
    held.released.set()
    assert worker.wait() == 0
    assert worker.events("worker_stopped")
    assert cast.task(invoice_id)["status"] == "sent"
    assert cast.task(late)["status"] == "queued"
    assert len(peer.to(cast.email)) == 1


def test_stopping_with_nothing_in_hand(start_worker: StartWorker) -> None:
    """A worker with no mail in hand stops at once."""
    worker = start_worker()
    worker.ask_to_stop()
    assert worker.wait() == 0, worker.log()
    assert "Traceback" not in worker.log()


def queued_alone(cast: Cast) -> tuple[int, int]:
    """An invoice whose check-in is the only one in the queue; the ids of both."""
    with cast.session.connection.transaction():
        cast.session.execute("set local search_path = queue")
        cast.session.execute("delete from procrastinate_jobs")
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    return invoice_id, cast.task(invoice_id)["checkin_task_id"]


@pytest.mark.parametrize(
    ("function", "reason"),
    [("mark_invoice_paid", "invoice is paid"), ("cancel_invoice", "invoice is cancelled")],
)
def test_a_queued_check_in_of_a_settled_invoice_is_skipped(
    cast: Cast, peer: Peer, start_worker: StartWorker, function: str, reason: str
) -> None:
    """Its job logs the reason, and no mail leaves."""
    invoice_id, task_id = queued_alone(cast)
    cast.api(function, invoice_id=invoice_id)
    (skipped, *_) = start_worker().wait_for("checkin_skipped")
    assert (skipped["checkin_task_id"], skipped["reason"]) == (task_id, reason)
    assert (peer.to(cast.email), cast.mails(invoice_id)) == ([], [])


def test_a_queued_check_in_that_is_replaced_is_skipped(
    cast: Cast, peer: Peer, start_worker: StartWorker
) -> None:
    """The job of the old check-in logs the reason; the one mail that leaves is of the new check-in."""
    invoice_id, task_id = queued_alone(cast)
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    (skipped, *_) = start_worker().wait_for("checkin_skipped")
    assert (skipped["checkin_task_id"], skipped["reason"]) == (task_id, "check-in is cancelled")
    wait_until(cast, invoice_id, "sent")
    assert len(peer.to(cast.email)) == len(cast.mails(invoice_id)) == 1


def test_two_workers_share_what_is_due(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """Fifty due check-ins, two workers: each is mailed once, with its own token, and both took part."""
    invoices = {cast.invoice(): None for _ in range(50)}
    workers = [start_worker(WORKER_CONCURRENCY="2") for _ in range(2)]
    cast.clock.advance(minutes=2)
    until(
        lambda: (
            cast.session.value(
                "select count(*) from rubis.checkin_task where organization_id = %s and status = 'sent'",
                [cast.organization_id],
            )
            == len(invoices)
        ),
        lambda: "".join(worker.log()[-2000:] for worker in workers),
    )
    mails = peer.to(cast.email)
    assert len({mail.token for mail in mails}) == len(mails) == len(invoices)
    counts = [len(worker.events("mail_accepted")) for worker in workers]
    assert sum(counts) == len(invoices)
    assert all(counts)
    assert_links_work(cast, mails[:3])
    for mail in mails:
        assert cast.click(token_hash(mail.token), "paid") == "paid"
    assert {cast.tally(invoice_id).rubis for invoice_id in invoices} == {1}
