"""Hand one mail over, and say what became of it."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_exponential

from app.core.database import Database
from app.core.errors import ApiError
from app.core.settings import Settings
from app.mail.drivers import Driver, LastWord, MailError, Withdrawn
from app.mail.mail import Mail
from worker.metrics import WorkerMetrics

log = structlog.get_logger(__name__)

# Less than rubis.send_lease(): after that the database counts the mail as unknown.
_RECORD_SECONDS = 120


@dataclass(slots=True)
class Work:
    """What a job needs to do its work. `slots` is how many mails are handed over at once."""

    database: Database
    driver: Driver
    settings: Settings
    metrics: WorkerMetrics
    slots: asyncio.Semaphore = field(init=False)
    in_hand: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.slots = asyncio.Semaphore(self.settings.worker_concurrency)

    async def carry_through(self, queue: str, job: Coroutine[Any, Any, None]) -> None:
        """Run a job to its end: Procrastinate cancels jobs when it loses the database; a mail outlives it."""
        task = asyncio.create_task(job)
        self.in_hand.add(task)
        task.add_done_callback(self.in_hand.discard)
        task.add_done_callback(lambda ended: self._count_error(queue, ended))
        await asyncio.shield(task)

    def _count_error(self, queue: str, ended: asyncio.Task[None]) -> None:
        if not ended.cancelled() and ended.exception() is not None:
            self.metrics.job_errors.labels(queue).inc()

    async def finish(self, seconds: float) -> None:
        """Wait this long for the jobs in hand, then cancel them."""
        if self.in_hand:
            await asyncio.wait(self.in_hand, timeout=max(seconds, 0))
        for task in self.in_hand:
            task.cancel()
        await asyncio.gather(*self.in_hand, return_exceptions=True)


async def hand_over(
    work: Work, kind: str, write: Callable[[], Mail], last_word: LastWord | None = None
) -> dict[str, str] | None:
    """Send what `write` makes, or what `last_word` makes of it; None if accepted, else its failure.

    The failure is `{"failure_class", "failure_detail"}`, as `worker.fail_mail` takes it.
    """
    began = time.perf_counter()
    failure = await _send(work.driver, write, last_word)
    outcome = "sent" if failure is None else failure["failure_class"]
    work.metrics.mail(kind, outcome, time.perf_counter() - began)
    return failure


async def _send(
    driver: Driver, write: Callable[[], Mail], last_word: LastWord | None
) -> dict[str, str] | None:
    try:
        await driver.send(write(), last_word=last_word)
    except MailError as error:
        return {"failure_class": error.kind, "failure_detail": error.detail}
    except Withdrawn as withdrawn:
        return {"failure_class": "withdrawn", "failure_detail": withdrawn.reason}
    except ApiError as error:
        # Only the last word asks the database: nothing was handed over.
        return {"failure_class": "temporary", "failure_detail": f"no last word: {error.reason}"}
    return None


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, ApiError) and error.retry_after is not None


async def record(database: Database, function: str, **params: Any) -> None:
    """Tell the database how mails ended, patiently: a known fate must not become unknown.

    Raises ApiError if it could not be told for two minutes: then the lease of each mail decides.
    """
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(_is_passing),
        stop=stop_after_delay(_RECORD_SECONDS),
        wait=wait_exponential(multiplier=0.5, max=10),
        reraise=True,
    ):
        with attempt:
            await database.call(function, **params)
