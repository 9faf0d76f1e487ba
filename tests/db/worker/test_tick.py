"""One turn of the clock: queue what is due, take back what dead workers held, expire what ran out."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.story import ASKED_AT, Story

MICROSECOND = timedelta(microseconds=1)
LATE = date(2026, 3, 1)
JOBS = (
    "select task_name, queue_name, args, lock, queueing_lock, status::text"
    " from queue.procrastinate_jobs order by id"
)


def test_nothing_to_do(story: Story) -> None:
    """No rows due: nothing moves, and nothing is due next."""
    assert story.tick() == {"queued": 0, "recovered": 0, "expired": 0, "next_due_in": None}


@pytest.mark.parametrize(("before", "queued"), [(MICROSECOND, 0), (timedelta(0), 1)])
def test_due_at_its_moment(story: Story, before: timedelta, queued: int) -> None:
    """A check-in is queued at its moment, not a microsecond earlier, and the tick says how long to sleep."""
    invoice_id = story.invoice()
    story.session.clock.set(ASKED_AT - before)
    ticked = story.tick()
    assert ticked["queued"] == queued
    assert ticked["next_due_in"] == (timedelta(minutes=10) if queued else before)
    assert story.task(invoice_id)["status"] == ("queued" if queued else "scheduled")


def test_a_queued_check_in_has_a_job_and_a_lease(story: Story) -> None:
    """One job, by ids only, without locks; ten minutes for a worker to begin."""
    invoice_id = story.invoice()
    story.bring(invoice_id, "queued")
    task = story.task(invoice_id)
    assert (task["next_attempt_at"], task["lease_expires_at"]) == (None, story.now() + timedelta(minutes=10))
    assert story.session.rows(JOBS) == [
        {
            "task_name": "send_checkin",
            "queue_name": "checkins",
            "args": {"organization_id": story.organization_id, "checkin_task_id": task["checkin_task_id"]},
            "lock": None,
            "queueing_lock": None,
            "status": "todo",
        }
    ]
    assert story.tick()["queued"] == 0
    assert len(story.session.rows(JOBS)) == 1


def test_the_earliest_go_first_and_the_queue_is_capped(story: Story) -> None:
    """No more than the limit wait in the queue; the rest waits in its rows, overdue as the tick says."""
    invoices = []
    for _ in range(5):
        invoices.append(story.invoice(due_on=LATE))
        story.session.clock.advance(seconds=10)
    story.session.clock.advance(minutes=1)
    ticked = story.tick(limit=2)
    assert ticked["queued"] == 2
    assert ticked["next_due_in"] < timedelta(0)
    assert statuses(story, invoices) == ["queued"] * 2 + ["scheduled"] * 3
    assert story.tick(limit=2)["queued"] == 0
    story.begin(invoices[0])
    assert story.tick(limit=2)["queued"] == 0
    story.finish({"checkin_mail_id": story.mails(invoices[0])[0]["checkin_mail_id"]})
    assert story.tick(limit=2)["queued"] == 1
    assert statuses(story, invoices) == ["sent", "queued", "queued", "scheduled", "scheduled"]


def test_dead_leases_do_not_fill_the_queue(story: Story) -> None:
    """When every lease has run out, the next ticks take all back and queue them again."""
    invoices = [story.invoice(due_on=LATE) for _ in range(3)]
    story.session.clock.advance(minutes=1)
    assert story.tick(limit=3)["queued"] == 3
    story.session.clock.advance(minutes=10)
    ticked = story.tick(limit=3)
    assert (ticked["recovered"], ticked["queued"]) == (3, 3)
    assert statuses(story, invoices) == ["queued"] * 3


@pytest.mark.parametrize(("before", "recovered"), [(MICROSECOND, 0), (timedelta(0), 1)])
def test_a_lost_job_is_queued_again(story: Story, before: timedelta, recovered: int) -> None:
    """The job is gone, the row is queued: when its lease runs out it gets a new job, and the mail leaves."""
    invoice_id = story.invoice()
    story.bring(invoice_id, "queued")
    in_queue(story, "delete from procrastinate_jobs")
    story.session.clock.set(story.task(invoice_id)["lease_expires_at"] - before)
    ticked = story.tick()
    assert (ticked["recovered"], ticked["queued"]) == (recovered, recovered)
    assert len(story.session.rows(JOBS)) == recovered
    if recovered:
        assert story.task(invoice_id)["attempts"] == 0
        assert story.click(mailed(story, invoice_id)) == "paid"


@pytest.mark.parametrize(("before", "recovered"), [(MICROSECOND, 0), (timedelta(0), 1)])
def test_a_worker_that_died_while_sending(story: Story, before: timedelta, recovered: int) -> None:
    """Past its three minutes the mail's fate is unknown: it is noted, and the question is mailed again."""
    invoice_id = story.invoice()
    first = story.sending(invoice_id)
    assert story.task(invoice_id)["lease_expires_at"] == story.now() + timedelta(minutes=3)
    story.session.clock.advance(minutes=3)
    story.session.clock.advance(microseconds=-int(before / MICROSECOND))
    assert story.tick()["recovered"] == recovered
    if not recovered:
        assert story.task(invoice_id)["status"] == "sending"
        return
    task = story.task(invoice_id)
    assert (task["status"], task["next_attempt_at"]) == ("scheduled", story.now() + timedelta(minutes=1))
    (mail,) = story.mails(invoice_id)
    assert (mail["failure_class"], mail["failed_at"]) == ("unknown", story.now())
    second = story.ask(invoice_id)
    assert story.click(first["token"], "pending") == "pending"
    story.session.clock.advance(minutes=1)
    assert story.click(second, "paid") == "already_answered"


def test_an_outage_loses_nothing(story: Story) -> None:
    """Killed while sending and off for the weekend: a lease that ran out goes back to scheduled."""
    invoice_id = story.invoice()
    story.sending(invoice_id)
    story.session.clock.advance(days=2)
    assert story.tick()["recovered"] == 1
    assert story.task(invoice_id)["status"] == "scheduled"
    assert story.click(story.ask(invoice_id)) == "paid"


@pytest.mark.parametrize(("before", "expired"), [(MICROSECOND, 0), (timedelta(0), 1)])
def test_expiry(story: Story, before: timedelta, expired: int) -> None:
    """Unanswered for 24 h after it was sent: expired, told, and the invoice and its relance go on."""
    invoice_id = story.invoice()
    story.bring(invoice_id, "sent")
    invoice, relance = story.row(invoice_id), story.relance(invoice_id)
    story.session.clock.set(story.task(invoice_id)["expires_at"] - before)
    assert story.tick()["expired"] == expired
    task = story.task(invoice_id)
    assert task["status"] == ("expired" if expired else "sent")
    assert (story.row(invoice_id), story.relance(invoice_id)) == (invoice, relance)
    if expired:
        assert (task["ended_at"], task["end_reason"]) == (story.now(), "no answer within 24 h")
        assert story.events(invoice_id)[-1] == ("checkin_expired", None)
        assert story.tick()["expired"] == 0


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_an_answered_one_does_not_expire(story: Story, answer: str) -> None:
    """There is nothing to expire, and nothing to tell."""
    invoice_id = story.invoice()
    story.click(story.ask(invoice_id), answer)
    before = story.effects(invoice_id)
    story.session.clock.advance(days=2)
    assert story.tick()["expired"] == 0
    assert story.effects(invoice_id) == before


def test_each_kind_is_limited(story: Story) -> None:
    """No tick takes back or expires more than its limit; the next one goes on."""
    invoices = [story.invoice(due_on=LATE) for _ in range(3)]
    for invoice_id in invoices:
        story.bring(invoice_id, "sent")
    story.session.clock.advance(days=1)
    assert [story.tick(limit=2)["expired"] for _ in range(3)] == [2, 1, 0]


def test_all_organizations_share_one_clock(story: Story) -> None:
    """A tick serves every organization."""
    other = Story(story.session, now=None)
    invoices = [(story, story.invoice(due_on=LATE)), (other, other.invoice(due_on=LATE))]
    story.session.clock.advance(minutes=1)
    assert story.tick()["queued"] == 2
    for organization, invoice_id in invoices:
        assert organization.task(invoice_id)["status"] == "queued"


def test_every_turn_is_noted(story: Story) -> None:
    """A heartbeat moves with each tick; a week later it is forgotten, if another worker has ticked since."""
    beats = "select last_tick_at from rubis.worker_heartbeat where worker = 'test:1'"
    story.tick()
    story.session.clock.advance(seconds=5)
    story.tick()
    assert story.session.value(beats) == story.now()
    story.session.clock.advance(days=7)
    story.worker("prune_heartbeats")
    assert story.session.value(beats)
    story.session.clock.advance(microseconds=1)
    story.worker("prune_heartbeats")
    assert story.session.value(beats)
    story.worker("tick", worker="test:2", limit=1)
    story.worker("prune_heartbeats")
    assert story.session.rows(beats) == []


def test_dead_workers_leave_no_jobs(story: Story) -> None:
    """A job of a worker without heartbeat for a minute is dropped: its row's lease says what follows."""
    invoice_id = story.invoice()
    story.bring(invoice_id, "queued")
    in_queue(
        story,
        "insert into procrastinate_workers (last_heartbeat) values (now() - interval '2 minutes')",
        "update procrastinate_jobs set status = 'doing',"
        " worker_id = (select max(id) from procrastinate_workers)",
    )
    story.tick()
    assert story.session.rows(JOBS) == []
    assert story.task(invoice_id)["status"] == "queued"


def statuses(story: Story, invoices: list[int]) -> list[Any]:
    """The latest check-ins' statuses."""
    return [story.task(invoice_id)["status"] for invoice_id in invoices]


def in_queue(story: Story, *statements: str) -> None:
    """Run statements on Procrastinate's tables, whose triggers need its schema on the path."""
    for statement in ("set local search_path = queue", *statements, "set local search_path = ''"):
        story.dba(statement)


def mailed(story: Story, invoice_id: int) -> bytes:
    """Mail the queued check-in; returns the hash in its links."""
    begun = story.begin(invoice_id)
    story.finish(begun)
    token: bytes = begun["token"]
    return token
