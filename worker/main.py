"""The worker process: a Procrastinate worker on our queues, and the tick that feeds them."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from typing import Any

import procrastinate
import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from app.core.database import Database, check_idle
from app.core.metrics import exposed
from app.core.settings import Settings
from app.mail.drivers import make_driver
from worker.chores import Chores
from worker.delivery import Work
from worker.mails import send_mails
from worker.metrics import QUEUES, WorkerMetrics
from worker.tick import tick_forever

log = structlog.get_logger(__name__)

# The supervisor kills after 15 s; the mails in hand get a little less.
_GRACE_SECONDS = 12.0
_RESTART_SECONDS = 2.0
# How long the queue's client waits for a connection, and so how long a stop without a server takes.
_POOL_SECONDS = 3.0
# An end without a mail in hand takes no longer than this.
_END_SECONDS = 4.0
# How often the queue is polled: rarely if NOTIFY announces new jobs, often behind a pooler, which hides it.
_POLL_SECONDS, _POLL_SECONDS_UNHEARD = 5.0, 1.0
# How often Procrastinate notes that a worker lives, and after how long it is dead to rubis.drop_stalled_jobs.
_HEARTBEAT_SECONDS, _STALLED_SECONDS = 20.0, 60.0


def _pool(**options: Any) -> AsyncConnectionPool:
    """The pool that Procrastinate asks for, without the three round trips it would add to each statement.

    Each of its statements is its own transaction; `check_idle` notices an idle connection that has ended.
    """
    return AsyncConnectionPool(**{**options, "check": check_idle, "configure": _commit_each})


async def _commit_each(connection: AsyncConnection[Any]) -> None:
    await connection.set_autocommit(True)


def make_app(work: Work) -> procrastinate.App:
    """Procrastinate on schema `queue`, with our tasks. Jobs carry ids only, never a token."""
    connector = procrastinate.PsycopgConnector(
        pool_factory=_pool,
        conninfo=work.settings.worker_conninfo(),
        min_size=1,
        max_size=4,
        timeout=_POOL_SECONDS,
        kwargs={
            # In a crash the queue may lose its last half second: our rows and their leases say what is to be
            # done. A mail begins and ends with a durable commit, which takes earlier ones of the queue along.
            "options": "-c search_path=queue,pg_temp -c synchronous_commit=off",
            "application_name": "rubis-queue",
            "prepare_threshold": work.settings.prepare_threshold,
        },
    )
    app = procrastinate.App(connector=connector)

    def add_task(queue: str) -> None:
        @app.task(name=f"send_{queue}", queue=queue)
        async def _send(mails: list[tuple[int, int]]) -> None:
            await work.carry_through(queue, send_mails(work, mails, linked=queue != "relances"))

    for queue in QUEUES:
        add_task(queue)
    return app


async def run(settings: Settings, stop: asyncio.Event | None = None) -> None:
    """Work until SIGTERM, SIGINT or `stop`, then finish the mails in hand.

    It waits for a database that is away.
    """
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Outside the main thread only `stop` ends the worker.
        with contextlib.suppress(ValueError, RuntimeError):
            loop.add_signal_handler(number, stop.set)
    async with (
        Database(
            settings.worker_conninfo(),
            max_size=settings.db_pool_size,
            prepare_threshold=settings.prepare_threshold,
            application_name="rubis-worker",
        ) as database,
        contextlib.aclosing(make_driver(settings)) as driver,
        _metrics(database, settings) as metrics,
    ):
        work = Work(database, driver, settings, metrics)
        jobs = asyncio.create_task(_work_until(stop, work))
        chores = Chores(database, settings.details_kept_days)
        ticks = asyncio.create_task(tick_forever(database, chores, settings.tick_seconds, metrics))
        stopped = asyncio.create_task(stop.wait())
        log.info("worker_started", queues=QUEUES, driver=settings.mail_driver)
        done, _ = await asyncio.wait({jobs, ticks, stopped}, return_when=asyncio.FIRST_COMPLETED)
        deadline = loop.time() + _GRACE_SECONDS
        work.stop()
        await _end({ticks, jobs, stopped}, work, deadline)
        await work.finish(deadline - loop.time())
        for ended in done & {ticks, jobs}:
            ended.result()
        log.info("worker_stopped")


async def _end(tasks: set[asyncio.Task[Any]], work: Work, deadline: float) -> None:
    """Cancel tasks until they have ended; again only when no mail is in hand, or after the deadline.

    Once is not enough: before Python 3.12 asyncio.wait_for loses a cancellation that arrives just as its
    awaitable ends, and a worker that is stopped while it connects would never end.
    """
    for task in tasks:
        task.cancel()
    while tasks := (await asyncio.wait(tasks, timeout=_END_SECONDS))[1]:
        if not work.in_hand or asyncio.get_running_loop().time() > deadline:
            for task in tasks:
                task.cancel()


@contextlib.asynccontextmanager
async def _metrics(database: Database, settings: Settings) -> AsyncIterator[WorkerMetrics]:
    """What is counted, shown at METRICS_HOST and WORKER_METRICS_PORT."""
    metrics = WorkerMetrics(database)
    async with exposed(
        metrics.registry, settings.metrics_host, settings.worker_metrics_port, "WORKER_METRICS_PORT"
    ):
        yield metrics


async def _work_until(stop: asyncio.Event, work: Work) -> None:
    """Run Procrastinate's worker, again whenever a lost connection has ended it."""
    while not stop.is_set():
        try:
            async with make_app(work).open_async() as app:
                await app.run_worker_async(
                    queues=QUEUES,
                    name="rubis",
                    concurrency=work.settings.worker_concurrency,
                    delete_jobs="always",
                    listen_notify=work.settings.hears_notify,
                    fetch_job_polling_interval=(
                        _POLL_SECONDS if work.settings.hears_notify else _POLL_SECONDS_UNHEARD
                    ),
                    update_heartbeat_interval=_HEARTBEAT_SECONDS,
                    stalled_worker_timeout=_STALLED_SECONDS,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=_GRACE_SECONDS,
                )
        except (procrastinate.exceptions.ProcrastinateException, psycopg.Error, OSError) as error:
            log.warning("queue_lost", cause=type(error).__name__)
        # Without a server, Procrastinate's stop raises this error too; then `stop` is set.
        if not stop.is_set():
            await asyncio.sleep(_RESTART_SECONDS)
