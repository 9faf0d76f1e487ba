"""Rounds of ticks: the organizations that have something due take their turns, a hundred a round."""

import asyncio

import pytest

from app.core.database import Database as Client
from tests.support.cast import OVERDUE, Cast, connected
from tests.support.database import Database
from worker import tick as clock
from worker.metrics import WorkerMetrics


def test_a_full_round_is_followed_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others may have waited for it. A round that made no mail is not."""
    monkeypatch.setattr(clock, "_ORGANIZATIONS", 2)
    delays = []
    with connected(database) as cast:
        casts = [cast, *(Cast(cast.line, now=None, usual=OVERDUE) for _ in range(2))]
        for one in casts:
            one.invoice()
        database.clock.advance(minutes=2)

        async def work() -> None:
            async with Client(database.conninfo("rubis_worker")) as client:
                metrics = WorkerMetrics(client)
                delays.extend([await clock.tick(client, "a worker", 30.0, metrics) for _ in range(3)])

        asyncio.run(work())
    assert delays == [0.0, 0.0, 0.2]
    queued = database.admin.value("select count(*) from rubis.mail where status = 'queued'")
    assert queued == len(casts)
