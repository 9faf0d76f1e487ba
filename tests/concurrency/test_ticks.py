"""Several workers' clocks over the same rows, and one that meets the user: nothing twice, nothing lost."""

from collections.abc import Iterator

import pytest

from tests.support.cast import Cast, Tally, connected
from tests.support.database import Database
from tests.support.race import Move, Race, by
from tests.support.session import Session

LIVE = "select count(*) from rubis.checkin_task where status = %s"
JOBS = """select count(*), count(distinct args) as tasks from queue.procrastinate_jobs
           where task_name = 'send_checkin'"""


@pytest.fixture
def cast(database: Database) -> Iterator[Cast]:
    """An organization in a database of the test's own: a tick looks at all of them."""
    with connected(database) as cast:
        yield cast


def tick(name: str, limit: int = 500) -> Move:
    """One turn of the clock of a worker of this name."""
    return "rubis_worker", lambda session: session.call("worker.tick", p_worker=name, p_limit=limit)


def due(cast: Cast, count: int) -> list[int]:
    """So many invoices whose check-ins are due."""
    invoices = [cast.invoice() for _ in range(count)]
    cast.clock.advance(minutes=2)
    return invoices


def test_two_ticks_share_what_is_due(own_race: Race, cast: Cast) -> None:
    """While one tick holds its rows another takes the rest without waiting, each row once."""
    due(cast, 12)
    met = own_race.meet(tick("one", 8), tick("other", 8))
    assert not met.waited
    assert (met.first["queued"], met.second["queued"]) == (8, 4)
    assert cast.session.value(LIVE, ["queued"]) == 12
    assert cast.session.row(JOBS) == {"count": 12, "tasks": 12}


def test_a_storm_of_ticks(own_race: Race, cast: Cast) -> None:
    """Four clocks at once queue each due check-in exactly once, however many of them really meet."""
    due(cast, 60)
    moves = [tick(f"worker {number}", 50) for number in range(4)]
    rounds = own_race.rounds(moves, 4, lambda _: None)
    # A clock that comes after all others finds the queue full, and leaves ten.
    queued = sum(moved["queued"] for results in rounds for moved in results)
    assert queued >= 50
    assert queued + cast.tick()["queued"] == 60
    assert cast.session.row(JOBS) == {"count": 60, "tasks": 60}


def test_two_ticks_take_back_what_a_dead_worker_held(own_race: Race, cast: Cast) -> None:
    """A lease that ran out is taken back once: one failed mail, one next attempt."""
    (invoice_id,) = due(cast, 1)
    cast.tick()
    cast.begin(invoice_id)
    cast.clock.advance(minutes=4)
    met = own_race.meet(tick("one"), tick("other"))
    assert not met.waited
    assert (met.first["recovered"], met.second["recovered"]) == (1, 0)
    task = cast.task(invoice_id)
    assert (task["status"], task["attempts"]) == ("scheduled", 1)


def test_a_tick_passes_by_what_is_being_settled(own_race: Race, cast: Cast) -> None:
    """A due check-in whose invoice is being settled is not waited for, and not queued."""
    (invoice_id,) = due(cast, 1)
    settle: Move = by(
        "rubis_api",
        cast,
        lambda it: it.api("mark_invoice_paid", invoice_id=invoice_id),
    )
    met = own_race.meet(settle, tick("one"))
    assert not met.waited
    assert met.second["queued"] == 0
    assert cast.task(invoice_id)["status"] == "cancelled"


@pytest.mark.parametrize("function", ["mark_invoice_paid", "cancel_invoice"])
def test_an_invoice_settled_while_a_tick_queues_its_check_in(
    own_race: Race, cast: Cast, function: str
) -> None:
    """Settling waits for the tick, then cancels what it has queued; the job finds nothing to send."""
    (invoice_id,) = due(cast, 1)
    settle: Move = by(
        "rubis_api",
        cast,
        lambda it: it.api(function, invoice_id=invoice_id),
    )
    met = own_race.meet(tick("one"), settle)
    assert met.waited
    assert met.first["queued"] == 1
    assert cast.task(invoice_id)["status"] == "cancelled"
    assert cast.begin(invoice_id)["skip_reason"] is not None
    assert cast.tally(invoice_id).live_checkins == 0


@pytest.mark.parametrize(("answer", "live", "status"), [("paid", 1, "scheduled"), ("pending", 0, "expired")])
def test_a_check_in_answered_while_a_tick_expires_it(
    own_race: Race, cast: Cast, answer: str, live: int, status: str
) -> None:
    """A click that waits for the tick that expires its check-in is told so; paid asks again."""
    invoice_id, hashed = cast.asked()
    cast.clock.advance(hours=25)
    met = own_race.meet(tick("one"), by("rubis_api", cast, lambda it: it.click(hashed, answer)))
    assert met.waited
    assert (met.first["expired"], met.second) == (1, "expired")
    assert cast.tally(invoice_id) == Tally("open", 0, 0, 0, live, 1)
    assert cast.kinds(invoice_id)[-1] == "checkin_expired"
    assert cast.task(invoice_id)["status"] == status


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_a_tick_passes_by_what_is_being_answered(own_race: Race, cast: Cast, answer: str) -> None:
    """A click in the last second of 24 hours counts, although a tick would expire its check-in meanwhile."""
    invoice_id, hashed = cast.asked()
    late: list[object] = []

    def a_day_later(_: Session) -> None:
        cast.clock.advance(hours=25)
        late.append(cast.tick()["expired"])

    met = own_race.meet(
        by("rubis_api", cast, lambda it: it.click(hashed, answer)),
        tick("one"),
        meanwhile=a_day_later,
    )
    assert (met.first, met.waited, late) == (answer, False, [0])
    cast.tick()
    assert cast.task(invoice_id)["status"] == "answered"
    assert "checkin_expired" not in cast.kinds(invoice_id)


def test_a_tick_passes_by_a_mail_that_is_being_recorded(own_race: Race, cast: Cast) -> None:
    """A worker that tells of its mail at the very end of its lease is not taken for dead."""
    (invoice_id,) = due(cast, 1)
    cast.tick()
    begun = cast.sending(invoice_id)
    cast.clock.advance(minutes=4)
    met = own_race.meet(by("rubis_worker", cast, lambda it: it.finish(begun)), tick("one"))
    assert not met.waited
    assert met.second["recovered"] == 0
    assert cast.task(invoice_id)["status"] == "sent"


def test_a_mail_recorded_while_its_lease_is_taken_back(own_race: Race, cast: Cast) -> None:
    """A worker that comes a moment too late waits for the tick; its mail is still recorded as accepted."""
    (invoice_id,) = due(cast, 1)
    cast.tick()
    begun = cast.sending(invoice_id)
    cast.clock.advance(minutes=4)
    met = own_race.meet(tick("one"), by("rubis_worker", cast, lambda it: it.finish(begun)))
    assert met.waited
    mail = cast.session.row(
        "select * from rubis.checkin_mail where checkin_mail_id = %s", [begun["checkin_mail_id"]]
    )
    assert mail["accepted_at"] is not None
    assert mail["failure_class"] is None
    assert cast.click(begun["token"], "paid") == "paid"
