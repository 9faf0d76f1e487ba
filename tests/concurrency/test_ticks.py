"""Several workers' clocks over the same rows, and one that meets the user: nothing twice, nothing lost."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.cast import Cast, Tally, connected
from tests.support.database import Database
from tests.support.race import Move, Race, by
from tests.support.session import Session

QUEUED = "select count(*) from rubis.mail where status = 'queued'"
JOBS = """select count(*), count(distinct l.pair) as mails
            from queue.procrastinate_jobs as j, jsonb_array_elements(j.args -> 'mails') as l (pair)
           where j.task_name = 'send_checkins'"""


@pytest.fixture
def cast(database: Database) -> Iterator[Cast]:
    """An organization in a database of the test's own: a tick looks at all of them."""
    with connected(database) as cast:
        yield cast


def tick(cast: Cast, name: str, limit: int = 500) -> Move:
    """One round of a worker of this name."""
    return by("rubis_worker", cast, lambda it: it.tick(name=name, limit=limit))


def due(cast: Cast, count: int) -> list[int]:
    """So many invoices whose check-ins are due."""
    invoices = [cast.invoice() for _ in range(count)]
    cast.clock.advance(minutes=2)
    return invoices


def test_a_tick_passes_by_an_organization_that_another_ticks(own_race: Race, cast: Cast) -> None:
    """While one worker ticks an organization another takes the others without waiting, each once."""
    due(cast, 2)
    with connected(own_race.database) as neighbour:
        due(neighbour, 1)
        hold: Move = by(
            "rubis_worker",
            cast,
            lambda it: it.worker("tick_organization", organization_id=cast.organization_id, limit=500),
        )
        met = own_race.meet(hold, tick(cast, "other"))
        assert not met.waited
        assert (len(met.first["mails"]), met.second["queued"]) == (1, 1)
        assert cast.tick()["queued"] == 1
    assert cast.session.row(JOBS) == {"count": 2, "mails": 2}


def test_a_storm_of_ticks(own_race: Race, cast: Cast) -> None:
    """Four workers at once queue each mail exactly once, however many of them really meet."""
    with ExitStack() as stack:
        for _ in range(20):
            due(stack.enter_context(connected(own_race.database)), 1)
        moves = [tick(cast, f"worker {number}", 50) for number in range(4)]
        rounds = own_race.rounds(moves, 4, lambda _: None)
        queued = sum(moved["queued"] for results in rounds for moved in results)
        assert queued + cast.tick()["queued"] == 20
    assert cast.session.row(JOBS) == {"count": 20, "mails": 20}


def test_two_ticks_take_back_what_a_dead_worker_held(own_race: Race, cast: Cast) -> None:
    """A lease that ran out is taken back once: one failed mail, one next attempt."""
    (invoice_id,) = due(cast, 1)
    cast.tick()
    cast.begin(invoice_id)
    cast.clock.advance(minutes=4)
    met = own_race.meet(tick(cast, "one"), tick(cast, "other"))
    assert not met.waited
    assert (met.first["recovered"], met.second["recovered"]) == (1, 0)
    assert cast.task(invoice_id)["status"] == "scheduled"
    (attempt,) = cast.mails(invoice_id)
    assert attempt["failure_class"] == "unknown"


def test_a_tick_passes_by_what_is_being_settled(own_race: Race, cast: Cast) -> None:
    """A due check-in whose invoice is being settled is not waited for, and not mailed."""
    (invoice_id,) = due(cast, 1)
    settle: Move = by(
        "rubis_api",
        cast,
        lambda it: it.api("mark_invoice_paid", invoice_id=invoice_id),
    )
    met = own_race.meet(settle, tick(cast, "one"))
    assert not met.waited
    assert cast.task(invoice_id)["status"] == "cancelled"
    assert cast.begin(invoice_id)["skip_reason"] == "no question is due"


@pytest.mark.parametrize("function", ["mark_invoice_paid", "cancel_invoice"])
def test_an_invoice_settled_while_a_tick_queues_its_check_in(
    own_race: Race, cast: Cast, function: str
) -> None:
    """Settling need not wait for the tick that queues the mail, which then finds nothing to say."""
    (invoice_id,) = due(cast, 1)
    settle: Move = by(
        "rubis_api",
        cast,
        lambda it: it.api(function, invoice_id=invoice_id),
    )
    met = own_race.meet(tick(cast, "one"), settle)
    assert not met.waited
    assert met.first["queued"] == 1
    assert cast.task(invoice_id)["status"] == "cancelled"
    assert cast.begin(invoice_id)["skip_reason"] == "no question is due"
    assert cast.tally(invoice_id).live_checkins == 0


@pytest.mark.parametrize(("answer", "live", "status"), [("paid", 1, "scheduled"), ("pending", 0, "expired")])
def test_a_check_in_answered_while_a_tick_expires_it(
    own_race: Race, cast: Cast, answer: str, live: int, status: str
) -> None:
    """A click that waits for the tick that expires its check-in is told so; paid asks again."""
    invoice_id, hashed = cast.asked()
    cast.clock.advance(hours=25)
    met = own_race.meet(tick(cast, "one"), by("rubis_api", cast, lambda it: it.click(hashed, answer)))
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
        tick(cast, "one"),
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
    met = own_race.meet(by("rubis_worker", cast, lambda it: it.finish(begun)), tick(cast, "one"))
    assert not met.waited
    assert met.second["recovered"] == 0
    assert cast.task(invoice_id)["status"] == "sent"


def test_a_mail_recorded_while_its_lease_is_taken_back(own_race: Race, cast: Cast) -> None:
    """A worker that comes a moment too late waits for the tick; its mail is still recorded as accepted."""
    (invoice_id,) = due(cast, 1)
    cast.tick()
    begun = cast.sending(invoice_id)
    cast.clock.advance(minutes=4)
    met = own_race.meet(tick(cast, "one"), by("rubis_worker", cast, lambda it: it.finish(begun)))
    assert met.waited
    (mail,) = cast.mails(invoice_id)
    assert mail["accepted_at"] is not None
    assert mail["failure_class"] is None
    assert cast.click(begun["token"], "paid") == "paid"
