"""How a worker's tasks end when it is asked to stop."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from worker import main
from worker.delivery import Work

pytestmark = pytest.mark.anyio


async def hears_the(turn: int) -> int:
    """Goes on until it is cancelled for so many a time: a lost cancellation is as none. How often it was."""
    for cancelled in range(1, turn + 1):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if cancelled == turn:
                return cancelled
    raise AssertionError


def at_work(*in_hand: asyncio.Task[None]) -> Work:
    """What has these mails in hand."""
    return cast("Work", SimpleNamespace(in_hand=set(in_hand)))


def now() -> float:
    """The loop's clock."""
    return asyncio.get_running_loop().time()


async def begun(turn: int) -> asyncio.Task[Any]:
    """Such a task, at its first sleep."""
    task = asyncio.create_task(hears_the(turn))
    await asyncio.sleep(0)
    return task


async def test_a_lost_cancellation_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that did not hear the first one hears another."""
    monkeypatch.setattr(main, "_END_SECONDS", 0.05)
    tasks = {await begun(1), await begun(3)}
    await main._end(tasks, at_work(), now() + 60)
    assert {task.result() for task in tasks} == {1, 3}


async def test_a_mail_in_hand_is_not_hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is done, or the deadline has passed, no task is told twice."""
    monkeypatch.setattr(main, "_END_SECONDS", 0.05)
    mail = asyncio.create_task(asyncio.sleep(60))
    task, began = await begun(2), now()
    await main._end({task}, at_work(mail), began + 0.4)
    assert now() - began >= 0.4
    assert task.result() == 2
    mail.cancel()
