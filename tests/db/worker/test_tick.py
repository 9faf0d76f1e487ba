"""One round: queue what is due, take back what dead workers held, expire what ran out."""

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
    assert cast.tick() == {"queued": 0, "recovered": 0, "expired": 0}
    assert cast.due_in() is None


@pytest.mark.parametrize(("before", "queued"), [(MICROSECOND, 0), (timedelta(0), 1)])
def test_due_at_its_moment(cast: Cast, before: timedelta, queued: int) -> None:
    """A check-in is queued at its moment, not a microsecond earlier, and the tick says how long to sleep."""
    invoice_id = cast.invoice()
    cast.tick()
    cast.clock.set(ASKED_AT - before)
    assert cast.due_in() == (None if queued else before.total_seconds())
    assert cast.tick()["queued"] == queued
    assert cast.due_in() == (600 if queued else before.total_seconds())
    assert (cast.queued_mail(invoice_id) is not None) is bool(queued)
    assert cast.task(invoice_id)["status"] == "scheduled"


def test_a_queued_mail_has_a_job_and_a_lease(cast: Cast) -> None:
    """One job, by ids only, without locks; ten minutes for a worker to begin."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    (mail,) = cast.notices("questions")
    assert (mail["next_attempt_at"], mail["lease_expires_at"]) == (None, cast.now() + timedelta(minutes=10))
    assert cast.session.rows(JOBS) == [
        {
            "task_name": "send_checkins",
            "queue_name": "checkins",
            "args": {"mails": [[cast.organization_id, mail["mail_id"]]]},
            "lock": None,
            "queueing_lock": None,
            "status": "todo",
        }
    ]
    assert cast.tick()["queued"] == 0
    assert len(cast.session.rows(JOBS)) == 1


def test_a_tick_offers_no_more_mails_than_its_share(cast: Cast) -> None:
    """Of three users' mails two are offered; the third when the organization's turn comes again."""
    users = [cast.user_id, *(colleague(cast, name) for name in ("b", "c"))]
    for user_id in users:
        cast.insert(user_id=user_id, due_on=LATE)
    cast.clock.advance(minutes=1)
    assert cast.tick(limit=2)["queued"] == 2
    cast.clock.advance(seconds=1)
    assert cast.tick(limit=2)["queued"] == 1
    assert {mail["user_id"] for mail in cast.notices("questions")} == set(users)


def test_dead_leases_do_not_fill_the_queue(cast: Cast) -> None:
    """When every lease has run out, one tick takes all back and queues them again."""
    for user_id in (cast.user_id, colleague(cast, "b"), colleague(cast, "c")):
        cast.insert(user_id=user_id, due_on=LATE)
    cast.clock.advance(minutes=1)
    assert cast.tick()["queued"] == 3
    cast.clock.advance(minutes=5)
    cast.tick()
    cast.clock.advance(minutes=5)
    ticked = cast.tick()
    assert (ticked["recovered"], ticked["queued"]) == (3, 3)
    assert [mail["status"] for mail in cast.notices("questions")] == ["queued"] * 3


@pytest.mark.parametrize(("before", "recovered"), [(MICROSECOND, 0), (timedelta(0), 1)])
def test_a_lost_job_is_queued_again(cast: Cast, before: timedelta, recovered: int) -> None:
    """The job is gone, the mail is queued: when its lease runs out it gets a new job, and leaves."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    in_queue(cast, "delete from procrastinate_jobs")
    cast.clock.advance(minutes=5)
    cast.tick()
    cast.clock.set(cast.notices("questions")[0]["lease_expires_at"] - before)
    ticked = cast.tick()
    assert (ticked["recovered"], ticked["queued"]) == (recovered, recovered)
    assert len(cast.session.rows(JOBS)) == recovered
    if recovered:
        assert cast.notices("questions")[0]["attempts"] == 0
        assert cast.click(mailed(cast, invoice_id)) == "paid"


@pytest.mark.parametrize(("before", "recovered"), [(MICROSECOND, 0), (timedelta(0), 1)])
def test_a_worker_that_died_while_sending(cast: Cast, before: timedelta, recovered: int) -> None:
    """Past its three minutes the mail's fate is unknown: it is noted, and the question is mailed again."""
    invoice_id = cast.invoice()
    first = cast.sending(invoice_id)
    assert cast.notices("questions")[0]["lease_expires_at"] == cast.now() + timedelta(minutes=3)
    cast.clock.advance(minutes=3)
    cast.clock.advance(microseconds=-int(before / MICROSECOND))
    assert cast.tick()["recovered"] == recovered
    if not recovered:
        assert cast.task(invoice_id)["status"] == "sending"
        return
    assert cast.task(invoice_id)["status"] == "scheduled"
    (mail,) = cast.mails(invoice_id)
    assert (mail["status"], mail["next_attempt_at"]) == ("scheduled", cast.now() + timedelta(minutes=1))
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
    """No piece of a tick takes more than its 500 rows; the next tick, due in a second, goes on."""
    ids = [cast.insert(due_on=LATE) for _ in range(501)]
    for changes in (
        "status = 'sending'",
        "status = 'sent', sent_at = rubis.clock(), expires_at = rubis.clock() + interval '1 day'",
    ):
        cast.dba(f"update rubis.checkin_task set {changes} where organization_id = %s", cast.organization_id)
    cast.clock.advance(days=1)
    assert cast.tick()["expired"] == 500
    assert cast.due_in() == 1
    cast.clock.advance(seconds=1)
    assert cast.tick()["expired"] == 1
    assert statuses(cast, ids) == ["expired"] * 501


def test_all_organizations_share_one_clock(cast: Cast) -> None:
    """A tick serves every organization."""
    other = Cast(cast.line, now=None)
    invoices = [(cast, cast.invoice(due_on=LATE)), (other, other.invoice(due_on=LATE))]
    cast.clock.advance(minutes=1)
    assert cast.tick()["queued"] == 2
    for organization, invoice_id in invoices:
        assert organization.queued_mail(invoice_id) is not None


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
    cast.tick(name="test:2")
    cast.worker("prune_heartbeats")
    assert cast.session.rows(beats) == []


def test_dead_workers_leave_no_jobs(cast: Cast) -> None:
    """A job of a worker without heartbeat for a minute is dropped: its mails' leases say what follows."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    in_queue(
        cast,
        "insert into procrastinate_workers (last_heartbeat) values (now() - interval '2 minutes')",
        "update procrastinate_jobs set status = 'doing',"
        " worker_id = (select max(id) from procrastinate_workers)",
    )
    cast.tick()
    assert cast.session.rows(JOBS) == []
    assert cast.queued_mail(invoice_id) is not None


def colleague(cast: Cast, name: str) -> int:
    """Another user of the organization."""
    user_id: int = cast.dba(
        "insert into rubis.app_user (organization_id, email, full_name, password_hash)"
        " values (%s, %s, 'Dominique', '$argon2id$x') returning user_id",
        *(cast.organization_id, f"{name}-{cast.email}"),
    )[0]["user_id"]
    return user_id


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
