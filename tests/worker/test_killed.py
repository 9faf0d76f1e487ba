"""A worker dies or sleeps in the middle of a mail: the question arrives all the same, and all links work."""

import pytest

from tests.support.flow import Flow
from tests.support.mails import assert_links_work, attempts, wait_for_mails, wait_until
from tests.support.program import until
from tests.support.smtp import Peer, Point
from tests.worker.conftest import StartWorker


def let_the_lease_run_out(flow: Flow) -> None:
    """Three minutes for the lease, one until the next attempt."""
    flow.database.clock.advance(minutes=4)


@pytest.mark.parametrize(("point", "mails"), [("greeting", 1), ("data", 1), ("accepted", 2)])
def test_a_worker_killed_in_the_middle_of_a_mail(
    flow: Flow, peer: Peer, start_worker: StartWorker, point: Point, mails: int
) -> None:
    """What a killed worker had in hand is mailed by the next; twice only if the first may have left."""
    held = peer.hold(point)
    first = start_worker()
    invoice_id = flow.issue()
    flow.database.clock.advance(minutes=2)
    held.wait_until_reached()
    first.kill()
    held.released.set()
    assert flow.task(invoice_id)["status"] == "sending"
    assert len(peer.to(flow.email)) == mails - 1

    start_worker()
    let_the_lease_run_out(flow)
    wait_until(flow, invoice_id, "scheduled")
    flow.database.clock.advance(minutes=1)
    wait_until(flow, invoice_id, "sent")
    assert len(peer.to(flow.email)) == mails
    assert [mail["failure_class"] for mail in attempts(flow, invoice_id)] == ["unknown", None]
    assert_links_work(flow, peer.to(flow.email))


def test_a_worker_killed_before_it_took_its_job(flow: Flow, peer: Peer, start_worker: StartWorker) -> None:
    """A job that dies in the queue is queued again when its lease has run out."""
    invoice_id = flow.issue()
    flow.queue()
    with flow.database.admin.connection.transaction():
        flow.database.admin.execute("set local search_path = queue")
        flow.database.admin.execute("delete from procrastinate_jobs")
    start_worker()
    assert flow.task(invoice_id)["status"] == "queued"
    flow.database.clock.advance(minutes=11)
    wait_until(flow, invoice_id, "sent")
    assert len(peer.to(flow.email)) == 1


def test_a_worker_too_slow_for_its_lease(flow: Flow, peer: Peer, start_worker: StartWorker) -> None:
    """A worker takes over from one that sleeps; when that wakes both mails count, and all links work."""
    held = peer.hold("accepted")
    slow = start_worker()
    invoice_id = flow.issue()
    flow.database.clock.advance(minutes=2)
    held.wait_until_reached()
    slow.suspend()
    held.released.set()

    start_worker()
    let_the_lease_run_out(flow)
    wait_until(flow, invoice_id, "scheduled")
    flow.database.clock.advance(minutes=1)
    expires_at = wait_until(flow, invoice_id, "sent")["expires_at"]
    assert [mail["failure_class"] for mail in attempts(flow, invoice_id)] == ["unknown", None]

    flow.database.clock.advance(minutes=30)
    slow.resume()
    until(lambda: attempts(flow, invoice_id)[0]["accepted_at"], slow.log)
    assert [mail["failure_class"] for mail in attempts(flow, invoice_id)] == [None, None]
    assert len(peer.to(flow.email)) == 2
    assert_links_work(flow, peer.to(flow.email))
    assert flow.task(invoice_id)["expires_at"] > expires_at
    assert flow.kinds(invoice_id).count("checkin_sent") == 1


def test_a_worker_taken_for_dead_goes_on_working(flow: Flow, peer: Peer, start_worker: StartWorker) -> None:
    """A worker struck off the queue's list, as after its machine's sleep, still mails what is due."""
    worker = start_worker()
    first = flow.issue()
    flow.database.clock.advance(minutes=2)
    wait_until(flow, first, "sent")
    flow.database.admin.execute(
        "update queue.procrastinate_workers set last_heartbeat = now() - interval '1 hour'"
    )
    flow.tick()
    second = flow.issue()
    flow.database.clock.advance(minutes=2)
    wait_until(flow, second, "sent")
    assert worker.alive
    assert len(wait_for_mails(peer, flow.email, 2)) == 2
