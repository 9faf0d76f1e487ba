"""The worker's clock: move what is due into the queue, and sleep until the next row is."""

import asyncio
import os
import socket
import time
from collections import Counter
from typing import Any

import structlog

from app.core.database import Database
from app.core.errors import ApiError
from worker.chores import Chores
from worker.metrics import WorkerMetrics

log = structlog.get_logger(__name__)

_ORGANIZATIONS = 100  # that take their turns in one round
_TURNS = 4  # at a time
_MAILS_IN_HAND = 500  # queued or being sent, at most
_SHORTEST_SLEEP = 0.2  # while due rows wait for room in the queue, or another worker's tick holds them
_CHORES_EVERY = 600


async def tick_forever(
    database: Database, chores: Chores, longest_sleep: float, metrics: WorkerMetrics
) -> None:
    """Tick until cancelled; `longest_sleep` in seconds. It waits for a database that is away."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    chores_at = time.monotonic()
    while True:
        delay = longest_sleep
        try:
            if time.monotonic() >= chores_at:
                await chores.run()
                chores_at = time.monotonic() + _CHORES_EVERY
            delay = await tick(database, name, longest_sleep, metrics)
        except ApiError as error:
            metrics.tick_failures.inc()
            log.warning("tick_failed", reason=error.reason, detail=error.detail)
            delay = min(1.0, longest_sleep)
        await asyncio.sleep(delay)


async def tick(database: Database, name: str, longest_sleep: float, metrics: WorkerMetrics) -> float:
    """One round, under this worker's name; return how many seconds to sleep before the next.

    The organizations that have something due take their turns, a few at a time, each in a transaction of its
    own. One that fails is recorded and left for later. What they found due goes into the queue together.
    """
    began = time.perf_counter()
    due = await database.call("worker.due_organizations", worker=name, limit=_ORGANIZATIONS)
    room = max(0, _MAILS_IN_HAND - due["in_hand"])
    organizations = due["organizations"]
    moved = Counter({"queued": 0, "recovered": 0, "expired": 0})
    mails: list[list[int]] = []
    if organizations:
        turns = asyncio.Semaphore(_TURNS)
        share = max(1, room // len(organizations))
        for turn in await asyncio.gather(
            *(_turn(database, organization_id, share, turns, metrics) for organization_id in organizations)
        ):
            mails += turn.pop("mails")
            moved.update(turn)
    if mails := mails[:room]:
        moved.update(await database.call("worker.queue_mails", mails=mails))
    metrics.tick(moved, time.perf_counter() - began)
    if any(moved.values()):
        log.info("tick", **moved)
    if len(organizations) == _ORGANIZATIONS and 0 < len(mails) < room:
        return 0.0  # others may have waited for this round
    if organizations:
        return _SHORTEST_SLEEP
    next_due_in = due["next_due_in"]
    return longest_sleep if next_due_in is None else min(max(next_due_in, _SHORTEST_SLEEP), longest_sleep)


async def _turn(
    database: Database, organization_id: int, share: int, turns: asyncio.Semaphore, metrics: WorkerMetrics
) -> dict[str, Any]:
    """The tick of one organization: what it moved, and at most `share` mails to be queued."""
    async with turns:
        try:
            moved: dict[str, Any] = await database.call(
                "worker.tick_organization", organization_id=organization_id, limit=share
            )
        except ApiError as error:
            if error.retry_after is not None:
                raise
            await database.call(
                "worker.fail_organization", organization_id=organization_id, detail=error.reason
            )
            moved = {"mails": [], "failed": error.reason}
        if reason := moved.pop("failed", None):
            metrics.organization_failures.inc()
            log.error("organization_failed", organization_id=organization_id, reason=reason)
        return moved
