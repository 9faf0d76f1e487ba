"""PostgreSQL goes away in the middle of work and comes back: nothing is lost, and nothing mailed twice."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.support.cast import Cast, connected
from tests.support.island import Island, island
from tests.support.line import Connections
from tests.support.mails import assert_links_work, wait_for_mails, wait_until
from tests.support.program import Program
from tests.support.smtp import Peer
from tests.support.waiting import until
from tests.worker.conftest import worker_environment

# What takes a worker half a minute takes this one a second or less: a long outage is over sooner.
IMPATIENT = """
import worker.main
from procrastinate.worker import Worker
from psycopg_pool import AsyncConnectionPool

init, open_pool, make_worker = AsyncConnectionPool.__init__, AsyncConnectionPool.open, Worker.__init__

def short_init(pool, *args, timeout=30.0, **options):
    init(pool, *args, timeout=min(timeout, 1.0), **options)

async def short_open(pool, wait=False, timeout=30.0):
    await open_pool(pool, wait, min(timeout, 1.0))

def short_worker(worker, *args, **options):
    make_worker(worker, *args, **{**options, "fetch_job_polling_interval": 0.5})

AsyncConnectionPool.__init__, AsyncConnectionPool.open, Worker.__init__ = short_init, short_open, short_worker
worker.main._GRACE_SECONDS = min(worker.main._GRACE_SECONDS, 1.0)
"""
# This one asks the queue so often that it is found waiting for the database, as ours is most of the time.
EAGER = """
import worker.main
from procrastinate.worker import Worker

make_worker = Worker.__init__

def eager_worker(worker, *args, **options):
    make_worker(worker, *args, **{**options, "fetch_job_polling_interval": 0.1})

Worker.__init__ = eager_worker
worker.main._GRACE_SECONDS = min(worker.main._GRACE_SECONDS, 1.0)
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Island]:
    """The server of these tests."""
    with island() as home:
        yield home


@pytest.fixture
def cast(home: Island) -> Iterator[Cast]:
    """An organization whose user receives the mails."""
    with connected(home.database()) as cast:
        yield cast
        cast.session.execute("update rubis.invoice set status = 'cancelled' where status = 'open'")


@pytest.fixture
def programs() -> Iterator[ExitStack]:
    """Where the test's processes end."""
    with ExitStack() as programs:
        yield programs


def worker_on(home: Island, cast: Cast, peer: Peer, before: str | None = None) -> Program:
    """A worker of this database's."""
    assert isinstance(cast.line, Connections)
    return Program("worker", worker_environment(cast.line.database, peer), home.folder, before)


@contextmanager
def away(home: Island, cast: Cast) -> Iterator[None]:
    """Within: PostgreSQL does not run."""
    home.postgres.stop()
    try:
        yield
    finally:
        home.postgres.start()
        cast.reconnect(Connections(home.database()))


def test_an_idle_worker_waits_for_the_database(
    home: Island, cast: Cast, peer: Peer, programs: ExitStack
) -> None:
    """A worker whose database was away for seconds goes on by itself when it is back."""
    worker = programs.enter_context(worker_on(home, cast, peer))
    worker.wait_for("worker_started")
    with away(home, cast):
        worker.wait_for("queue_lost")
    invoice_id = cast.invoice()
    cast.clock.advance(minutes=2)
    wait_until(cast, invoice_id, "sent")
    assert worker.alive
    assert_links_work(cast, wait_for_mails(peer, cast.email, 1))


def accepted(_: Program, peer: Peer, cast: Cast) -> None:
    """Wait until the peer has accepted the mail, so that the worker is about to record it."""
    wait_for_mails(peer, cast.email, 1)


def not_recorded(worker: Program, *_: object) -> None:
    """Wait until the worker has tried in vain to record the acceptance, three times."""
    function = "worker.finish_mails"
    until(
        lambda: [tried["function"] for tried in worker.events("database_no_connection")].count(function) >= 3,
        worker.log,
    )


@pytest.mark.parametrize(
    ("before", "noticed"),
    [(None, accepted), (IMPATIENT, not_recorded)],
    ids=["for a moment", "for long"],
)
def test_a_mail_accepted_while_the_database_is_away(
    home: Island,
    cast: Cast,
    peer: Peer,
    programs: ExitStack,
    *,
    before: str | None,
    noticed: Callable[[Program, Peer, Cast], None],
) -> None:
    """A mail that was accepted is recorded once the database is back, and never sent a second time."""
    held = peer.hold("accepted")
    worker = programs.enter_context(worker_on(home, cast, peer, before))
    invoice_id = cast.invoice()
    cast.clock.advance(minutes=2)
    held.wait_until_reached()
    with away(home, cast):
        held.released.set()
        noticed(worker, peer, cast)
    until(lambda: cast.mails(invoice_id)[0]["accepted_at"], worker.log)
    assert cast.task(invoice_id)["status"] == "sent"
    cast.clock.advance(minutes=10)
    cast.tick()
    assert [mail["failure_class"] for mail in cast.mails(invoice_id)] == [None]
    assert_links_work(cast, wait_for_mails(peer, cast.email, 1))
    assert len(peer.to(cast.email)) == 1


@pytest.mark.parametrize(
    ("before", "noticed"),
    [(None, "worker_started"), (IMPATIENT, "tick_failed")],
    ids=["for a moment", "for long"],
)
def test_a_worker_started_before_its_database(
    home: Island, cast: Cast, peer: Peer, programs: ExitStack, *, before: str | None, noticed: str
) -> None:
    """A worker may be started first: it waits for its database, however long that takes."""
    invoice_id = cast.invoice()
    cast.clock.advance(minutes=2)
    with away(home, cast):
        worker = programs.enter_context(worker_on(home, cast, peer, before))
        worker.wait_for(noticed)
    assert worker.alive, worker.log()
    wait_until(cast, invoice_id, "sent")
    assert len(peer.to(cast.email)) == 1


def test_stopping_while_the_database_is_away(
    home: Island, cast: Cast, peer: Peer, programs: ExitStack
) -> None:
    """A worker that waits for its database can be stopped."""
    worker = programs.enter_context(worker_on(home, cast, peer, EAGER))
    worker.wait_for("worker_started")
    with away(home, cast):
        time.sleep(1)  # no log tells of a worker that still waits
        worker.ask_to_stop()
        assert worker.wait() == 0, worker.log()
