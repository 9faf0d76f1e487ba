"""Workers at work: stopping, skipping, sharing."""

import pytest

from app.core.security import token_hash
from tests.support.cast import OVERDUE, Cast
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
    assert cast.task(late)["status"] == "scheduled"
    assert len(peer.to(cast.email)) == 1


def test_stopping_with_nothing_in_hand(start_worker: StartWorker) -> None:
    """A worker with no mail in hand stops at once."""
    worker = start_worker()
    worker.ask_to_stop()
    assert worker.wait() == 0, worker.log()
    assert "Traceback" not in worker.log()


def queued_alone(cast: Cast) -> tuple[int, int]:
    """An invoice whose check-in waits in the only mail of the queue; the ids of both."""
    with cast.session.connection.transaction():
        cast.session.execute("set local search_path = queue")
        cast.session.execute("delete from procrastinate_jobs")
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    mail = cast.queued_mail(invoice_id)
    assert mail is not None
    return invoice_id, mail["mail_id"]


@pytest.mark.parametrize("function", ["mark_invoice_paid", "cancel_invoice"])
def test_a_queued_mail_whose_one_invoice_is_settled_is_skipped(
    cast: Cast, peer: Peer, start_worker: StartWorker, function: str
) -> None:
    """Its job logs the reason, and no mail leaves."""
    invoice_id, mail_id = queued_alone(cast)
    cast.api(function, invoice_id=invoice_id)
    (skipped, *_) = start_worker().wait_for("mail_skipped")
    assert (skipped["mail_id"], skipped["reason"]) == (mail_id, "no question is due")
    assert (peer.to(cast.email), cast.mails(invoice_id)) == ([], [])


def test_a_queued_mail_carries_the_question_that_replaced_another(
    cast: Cast, peer: Peer, start_worker: StartWorker
) -> None:
    """Asked again while its mail waits in the queue: one mail leaves, with the new question alone."""
    invoice_id, mail_id = queued_alone(cast)
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    start_worker()
    wait_until(cast, invoice_id, "sent")
    assert len(peer.to(cast.email)) == 1
    assert [(mail["mail_id"], mail["checkin_task_id"]) for mail in cast.mails(invoice_id)] == [
        (mail_id, cast.task(invoice_id)["checkin_task_id"])
    ]


def test_two_workers_share_what_is_due(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """Mails to 120 users, two workers: each is mailed once, with its own token, and both took part."""
    casts = [cast, *(Cast(cast.line, now=None, usual=OVERDUE) for _ in range(119))]
    invoices = {one: one.invoice() for one in casts}
    workers = [start_worker(WORKER_CONCURRENCY="1") for _ in range(2)]
    peer.latency = 0.02
    cast.clock.advance(minutes=2)
    until(
        lambda: all(one.task(invoice_id)["status"] == "sent" for one, invoice_id in invoices.items()),
        lambda: "".join(worker.log()[-2000:] for worker in workers),
    )
    mails = [mail for one in casts for mail in peer.to(one.email)]
    assert len({mail.token for mail in mails}) == len(mails) == len(casts)
    counts = [len(worker.events("mail_sent")) for worker in workers]
    assert sum(counts) == len(casts)
    assert all(counts)
    assert_links_work(cast, mails[:3])
    for mail in mails:
        assert cast.click(token_hash(mail.token), "paid") == "paid"
    assert {one.tally(invoice_id).rubis for one, invoice_id in invoices.items()} == {1}
