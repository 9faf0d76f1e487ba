"""One turn of the clock: queue what is due, take back what dead workers held, expire what ran out."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.cast import ASKED_AT, Cast

MICROSECOND = timedelta(microseconds=1)
LATE = date(2026, 3, 1)
JOBS = (
    "select task_name, queue_name, args, lock, queueing_lock, status::text"
    " from queue.procrastinate_jobs order by id"
)


def test_a_tick_with_nothing_to_do_moves_nothing(cast: Cast) -> None:
    """No rows due: nothing moves, and nothing is due next."""
    assert cast.tick() == {"queued": 0, "recovered": 0, "expired": 0, "next_due_in": None}


@pytest.mark.parametrize(("before", "queued"), [(MICROSECOND, 0), (timedelta(0), 1)])
def test_due_at_its_moment(cast: Cast, before: timedelta, queued: int) -> None:
    """A check-in is queued at its moment, not a microsecond earlier, and the tick says how long to sleep."""
    invoice_id = cast.invoice()
    cast.clock.set(ASKED_AT - before)
    ticked = cast.tick()
    assert ticked["queued"] == queued
    assert ticked["next_due_in"] == (timedelta(minutes=10) if queued else before)
    assert cast.task(invoice_id)["status"] == ("queued" if queued else "scheduled")


def test_a_queued_check_in_has_a_job_and_a_lease(cast: Cast) -> None:
    """One job, by ids only, without locks; ten minutes for a worker to begin."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "queued")
    task = cast.task(invoice_id)
    assert (task["next_attempt_at"], task["lease_expires_at"]) == (None, cast.now() + timedelta(minutes=10))
    assert cast.session.rows(JOBS) == [
        {
            "task_name": "send_checkin",
            "queue_name": "checkins",
            "args": {"organization_id": cast.organization_id, "checkin_task_id": task["checkin_task_id"]},
            "lock": None,
            "queueing_lock": None,
            "status": "todo",
        }
    ]
    assert cast.tick()["queued"] == 0
    assert len(cast.session.rows(JOBS)) == 1


def test_the_earliest_go_first_and_the_queue_is_capped(cast: Cast) -> None:
    """No more than the limit wait in the queue; the rest waits in its rows, overdue as the tick says."""
    invoices = []
    for _ in range(5):
        invoices.append(cast.invoice(due_on=LATE))
        cast.clock.advance(seconds=10)
    cast.clock.advance(minutes=1)
    ticked = cast.tick(limit=2)
    assert ticked["queued"] == 2
    assert ticked["next_due_in"] < timedelta(0)
    assert statuses(cast, invoices) == ["queued"] * 2 + ["scheduled"] * 3
    assert cast.tick(limit=2)["queued"] == 0
    cast.begin(invoices[0])
    assert cast.tick(limit=2)["queued"] == 0
    cast.finish({"checkin_mail_id": cast.mails(invoices[0])[0]["checkin_mail_id"]})
    assert cast.tick(limit=2)["queued"] == 1
    assert statuses(cast, invoices) == ["sent", "queued", "queued", "scheduled", "scheduled"]


def test_dead_leases_do_not_fill_the_queue(cast: Cast) -> None:
    """When every lease has run out, the next ticks take all back and queue them again."""
    invoices = [cast.invoice(due_on=LATE) for _ in range(3)]
    cast.clock.advance(minutes=1)
    assert cast.tick(limit=3)["queued"] == 3
    cast.clock.advance(minutes=10)
    ticked = cast.tick(limit=3)
    assert (ticked["recovered"], ticked["queued"]) == (3, 3)
    assert statuses(cast, invoices) == ["queued"] * 3


@pytest.mark.parametrize(("before", "recovered"), [(MICROSECOND, 0), (timedelta(0), 1)])
def test_a_lost_job_is_queued_again(cast: Cast, before: timedelta, recovered: int) -> None:
    """The job is gone, the row is queued: when its lease runs out it gets a new job, and the mail leaves."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "queued")
    in_queue(cast, "delete from procrastinate_jobs")
    cast.clock.set(cast.task(invoice_id)["lease_expires_at"] - before)
    ticked = cast.tick()
    assert (ticked["recovered"], ticked["queued"]) == (recovered, recovered)
    assert len(cast.session.rows(JOBS)) == recovered
    if recovered:
        assert cast.task(invoice_id)["attempts"] == 0
        assert cast.click(mailed(cast, invoice_id)) == "paid"


@pytest.mark.parametrize(("before", "recovered"), [(MICROSECOND, 0), (timedelta(0), 1)])
def test_a_worker_that_died_while_sending(cast: Cast, before: timedelta, recovered: int) -> None:
    """Past its three minutes the mail's fate is unknown: it is noted, and the question is mailed again."""
    invoice_id = cast.invoice()
    first = cast.sending(invoice_id)
    assert cast.task(invoice_id)["lease_expires_at"] == cast.now() + timedelta(minutes=3)
    cast.clock.advance(minutes=3)
    cast.clock.advance(microseconds=-int(before / MICROSECOND))
    assert cast.tick()["recovered"] == recovered
    if not recovered:
        assert cast.task(invoice_id)["status"] == "sending"
        return
    task = cast.task(invoice_id)
    assert (task["status"], task["next_attempt_at"]) == ("scheduled", cast.now() + timedelta(minutes=1))
    (mail,) = cast.mails(invoice_id)
    assert (mail["failure_class"], mail["failed_at"]) == ("unknown", cast.now())
    second = cast.ask(invoice_id)
    assert cast.click(first["token"], "pending") == "pending"
    cast.clock.advance(minutes=1)
    assert cast.click(second, "paid") == "already_answered"


def test_an_outage_loses_nothing(cast: Cast) -> None:
    """Killed while sending and off for the weekend: a lease that ran out goes back to scheduled."""
    invoice_id = cast.invoice()
    cast.sending(invoice_id)
    cast.clock.advance(days=2)
    assert cast.tick()["recovered"] == 1
    assert cast.task(invoice_id)["status"] == "scheduled"
    assert cast.click(cast.ask(invoice_id)) == "paid"


@pytest.mark.parametrize(("before", "expired"), [(MICROSECOND, 0), (timedelta(0), 1)])
def test_a_tick_expires_a_check_in_after_24_h(cast: Cast, before: timedelta, expired: int) -> None:
    """Unanswered for 24 h after it was sent: expired, told, and the invoice and its relance go on."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "sent")
    invoice, relance = cast.row(invoice_id), cast.relance(invoice_id)
    cast.clock.set(cast.task(invoice_id)["expires_at"] - before)
    assert cast.tick()["expired"] == expired
    task = cast.task(invoice_id)
    assert task["status"] == ("expired" if expired else "sent")
    assert (cast.row(invoice_id), cast.relance(invoice_id)) == (invoice, relance)
    if expired:
        assert (task["ended_at"], task["end_reason"]) == (cast.now(), "no answer within 24 h")
        assert cast.events(invoice_id)[-1] == ("checkin_expired", None)
        assert cast.tick()["expired"] == 0


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_an_answered_one_does_not_expire(cast: Cast, answer: str) -> None:
    """There is nothing to expire, and nothing to tell."""
    invoice_id = cast.invoice()
    cast.click(cast.ask(invoice_id), answer)
    before = cast.effects(invoice_id)
    cast.clock.advance(days=2)
    assert cast.tick()["expired"] == 0
    assert cast.effects(invoice_id) == before


def test_a_tick_is_limited_in_each_kind(cast: Cast) -> None:
    """No tick takes back or expires more than its limit; the next one goes on."""
    invoices = [cast.invoice(due_on=LATE) for _ in range(3)]
    for invoice_id in invoices:
        cast.bring(invoice_id, "sent")
    cast.clock.advance(days=1)
    assert [cast.tick(limit=2)["expired"] for _ in range(3)] == [2, 1, 0]


def test_all_organizations_share_one_clock(cast: Cast) -> None:
    """A tick serves every organization."""
    other = Cast(cast.line, now=None)
    invoices = [(cast, cast.invoice(due_on=LATE)), (other, other.invoice(due_on=LATE))]
    cast.clock.advance(minutes=1)
    assert cast.tick()["queued"] == 2
    for organization, invoice_id in invoices:
        assert organization.task(invoice_id)["status"] == "queued"


def test_every_turn_is_noted(cast: Cast) -> None:
    """A heartbeat moves with each tick; a week later it is forgotten, if another worker has ticked since."""
    beats = "select last_tick_at from rubis.worker_heartbeat where worker = 'test:1'"
    cast.tick()
    cast.clock.advance(seconds=5)
    cast.tick()
    assert cast.session.value(beats) == cast.now()
    cast.clock.advance(days=7)
    cast.worker("prune_heartbeats")
    assert cast.session.value(beats)
    cast.clock.advance(microseconds=1)
    cast.worker("prune_heartbeats")
    assert cast.session.value(beats)
    cast.worker("tick", worker="test:2", limit=1)
    cast.worker("prune_heartbeats")
    assert cast.session.rows(beats) == []


def test_dead_workers_leave_no_jobs(cast: Cast) -> None:
    """A job of a worker without heartbeat for a minute is dropped: its row's lease says what follows."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "queued")
    in_queue(
        cast,
        "insert into procrastinate_workers (last_heartbeat) values (now() - interval '2 minutes')",
        "update procrastinate_jobs set status = 'doing',"
        " worker_id = (select max(id) from procrastinate_workers)",
    )
    cast.tick()
    assert cast.session.rows(JOBS) == []
    assert cast.task(invoice_id)["status"] == "queued"


def statuses(cast: Cast, invoices: list[int]) -> list[Any]:
    """The latest check-ins' statuses."""
    return [cast.task(invoice_id)["status"] for invoice_id in invoices]


def in_queue(cast: Cast, *statements: str) -> None:
    """Run statements on Procrastinate's tables, whose triggers need its schema on the path."""
    for statement in ("set local search_path = queue", *statements, "set local search_path = ''"):
        cast.dba(statement)


def mailed(cast: Cast, invoice_id: int) -> bytes:
    """Mail the queued check-in; returns the hash in its links."""
    begun = cast.begin(invoice_id)
    cast.finish(begun)
    token: bytes = begun["token"]
    return token
