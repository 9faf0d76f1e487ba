"""Fixtures of the worker's tests: real processes, a real SMTP server, a database that they share."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytest_postgresql.executors import NoopExecutor

from tests.support.cast import Cast, connected
from tests.support.database import Database, Server
from tests.support.program import Program
from tests.support.shared import shared_database
from tests.support.smtp import Peer, smtp_peer
from tests.support.waiting import until

StartWorker = Callable[..., Program]


@pytest.fixture(scope="session")
def workshop(
    server: Server, template: NoopExecutor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The database; every test has an organization of its own and leaves nothing behind that is due."""
    with shared_database(server, template, "rubis_workshop", tmp_path_factory.mktemp("workshop")) as database:
        yield database


@pytest.fixture
def cast(workshop: Database) -> Iterator[Cast]:
    """An organization whose user receives the mails."""
    with connected(workshop) as cast:
        yield cast
        workshop.admin.execute("update rubis.invoice set status = 'cancelled' where status = 'open'")
        cast.tick()  # what was late is told now, and not in the next test
        workshop.admin.execute(
            """update rubis.mail
                  set status = case status when 'sending' then 'failed' else 'cancelled' end,
                      ended_at = rubis.clock(), next_attempt_at = null, lease_expires_at = null
                where status in ('scheduled', 'queued', 'sending')"""
        )


@pytest.fixture
def peer() -> Iterator[Peer]:
    """The SMTP server."""
    with smtp_peer() as peer:
        yield peer


@pytest.fixture
def start_worker(workshop: Database, peer: Peer, tmp_path: Path) -> Iterator[StartWorker]:
    """Start worker processes on the shared database and the peer; those left at the end are killed."""
    with ExitStack() as running:

        def start(before: str | None = None, **changes: str) -> Program:
            """`before` is Python that runs first, in the same process."""
            others = listening(workshop)
            worker = Program("worker", worker_environment(workshop, peer, **changes), tmp_path, before)
            running.enter_context(worker)
            until(lambda: listening(workshop) - others or None, worker.log)
            time.sleep(0.2)  # its first look may still be on the way, and hides a job that comes meanwhile
            return worker

        yield start


def listening(database: Database) -> set[int]:
    """The sessions of workers that hear at once of a new job; before that they look every few seconds."""
    query = "select pid from pg_stat_activity where datname = current_database() and query ilike 'listen%%'"
    return {row["pid"] for row in database.admin.rows(query)}


def worker_environment(database: Database, peer: Peer, **changes: str) -> dict[str, str]:
    """The variables of an impatient worker that sends to this peer."""
    return database.environment(
        **{
            "MAIL_DRIVER": "smtp",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(peer.port),
            "APP_URL": "https://rubis.example",
            "TICK_SECONDS": "0.1",
            "LOG_LEVEL": "debug",
            **changes,
        }
    )
