"""A worker dies or sleeps in the middle of a mail: the question arrives all the same, and all links work."""

import pytest

from tests.support.cast import Cast
from tests.support.mails import assert_links_work, wait_for_mails, wait_until
from tests.support.smtp import Peer, Point
from tests.support.waiting import until
from tests.worker.conftest import StartWorker


def let_the_lease_run_out(cast: Cast) -> None:
    """Three minutes for the lease, one until the next attempt."""
    cast.clock.advance(minutes=4)


@pytest.mark.parametrize(("point", "mails"), [("greeting", 1), ("data", 1), ("accepted", 2)])
def test_a_worker_killed_in_the_middle_of_a_mail(
    cast: Cast, peer: Peer, start_worker: StartWorker, point: Point, mails: int
) -> None:
    """What a killed worker had in hand is mailed by the next; twice only if the first may have left."""
    held = peer.hold(point)
    first = start_worker()
    invoice_id = cast.invoice()
    cast.clock.advance(minutes=2)
    held.wait_until_reached()
    first.kill()
    held.released.set()
    assert cast.task(invoice_id)["status"] == "sending"
    assert len(peer.to(cast.email)) == mails - 1

    start_worker()
    let_the_lease_run_out(cast)
    wait_until(cast, invoice_id, "scheduled")
    cast.clock.advance(minutes=1)
    wait_until(cast, invoice_id, "sent")
    assert len(peer.to(cast.email)) == mails
    assert [mail["failure_class"] for mail in cast.mails(invoice_id)] == ["unknown", None]
    assert_links_work(cast, peer.to(cast.email))


def test_a_worker_killed_before_it_took_its_job(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """A job that dies in the queue is queued again when its lease has run out."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    with cast.session.connection.transaction():
        cast.session.execute("set local search_path = queue")
        cast.session.execute("delete from procrastinate_jobs")
    start_worker()
    assert cast.queued_mail(invoice_id) is not None
    cast.clock.advance(minutes=11)
    wait_until(cast, invoice_id, "sent")
    # Eleven minutes without a tick: a notice may tell that the question was late.
    assert len([mail for mail in peer.to(cast.email) if mail.links]) == 1


def test_a_worker_too_slow_for_its_lease(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """A worker takes over from one that sleeps; when that wakes both mails count, and all links work."""
    held = peer.hold("accepted")
    slow = start_worker()
    invoice_id = cast.invoice()
    cast.clock.advance(minutes=2)
    held.wait_until_reached()
    slow.suspend()
    held.released.set()

    start_worker()
    let_the_lease_run_out(cast)
    wait_until(cast, invoice_id, "scheduled")
    cast.clock.advance(minutes=1)
    expires_at = wait_until(cast, invoice_id, "sent")["expires_at"]
    assert [mail["failure_class"] for mail in cast.mails(invoice_id)] == ["unknown", None]

    cast.clock.advance(minutes=30)
    slow.resume()
    until(lambda: cast.mails(invoice_id)[0]["accepted_at"], slow.log)
    assert [mail["failure_class"] for mail in cast.mails(invoice_id)] == [None, None]
    assert len(peer.to(cast.email)) == 2
    assert_links_work(cast, peer.to(cast.email))
    assert cast.task(invoice_id)["expires_at"] > expires_at
    assert cast.kinds(invoice_id).count("checkin_sent") == 1


def test_a_worker_taken_for_dead_goes_on_working(cast: Cast, peer: Peer, start_worker: StartWorker) -> None:
    """A worker struck off the queue's list, as after its machine's sleep, still mails what is due."""
    worker = start_worker()
    first = cast.invoice()
    cast.clock.advance(minutes=2)
    wait_until(cast, first, "sent")
    cast.session.execute("update queue.procrastinate_workers set last_heartbeat = now() - interval '1 hour'")
    cast.tick()
    second = cast.invoice()
    cast.clock.advance(minutes=2)
    wait_until(cast, second, "sent")
    assert worker.alive
    assert len(wait_for_mails(peer, cast.email, 2)) == 2
