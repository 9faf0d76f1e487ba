"""The worker's clock: move what is due into the queue, and sleep until the next row is."""

import asyncio
import os
import socket
import time
from datetime import timedelta

import structlog

from app.core.database import Database
from app.core.errors import ApiError
from worker.calendar import fill_calendar
from worker.metrics import WorkerMetrics

log = structlog.get_logger(__name__)

_BATCH = 500
_SHORTEST_SLEEP = 0.2  # while due rows wait for room in the queue, or another worker's tick holds them
_CHORES_EVERY = 600


async def tick_forever(database: Database, longest_sleep: float, metrics: WorkerMetrics) -> None:
    """Tick until cancelled; `longest_sleep` in seconds. It waits for a database that is away."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    chores_at = time.monotonic()
    while True:
        delay = longest_sleep
        try:
            if time.monotonic() >= chores_at:
                # First: without its calendar no relance leaves.
                await fill_calendar(database)
                await database.call("worker.prune_tokens")
                await database.call("worker.prune_heartbeats")
                await database.call("worker.prune_outages")
                await database.call("worker.prune_rate_limits")
                chores_at = time.monotonic() + _CHORES_EVERY
            delay = await tick(database, name, longest_sleep, metrics)
        except ApiError as error:
            metrics.tick_failures.inc()
            log.warning("tick_failed", reason=error.reason, detail=error.detail)
            delay = min(1.0, longest_sleep)
        await asyncio.sleep(delay)


async def tick(database: Database, name: str, longest_sleep: float, metrics: WorkerMetrics) -> float:
    """One tick, under this worker's name; return how many seconds to sleep before the next."""
    began = time.perf_counter()
    moved = await database.call("worker.tick", worker=name, limit=_BATCH)
    due_in: timedelta | None = moved.pop("next_due_in")
    metrics.tick(moved, time.perf_counter() - began)
    if any(moved.values()):
        log.info("tick", **moved)
    if due_in is None:
        return longest_sleep
    return min(max(due_in.total_seconds(), _SHORTEST_SLEEP), longest_sleep)
