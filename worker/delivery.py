"""Hand one mail over, and say what became of it."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
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
# More than all that can wait for a slot at once: the mails of every job.
_MOST_WAITING = 10_000
# What a job that is cancelled still has to record what it knows.
_LAST_RECORD_SECONDS = 2.0


@dataclass(slots=True)
class Work:
    """What a job needs to do its work. `slots` is how many mails are handed over at once.

    When the worker is `stopping`, no mail is handed over any more.
    """

    database: Database
    driver: Driver
    settings: Settings
    metrics: WorkerMetrics
    stopping: bool = False
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

    def stop(self) -> None:
        """Hand no mail over from now on: those that wait for a slot get one, and are given back."""
        self.stopping = True
        for _ in range(_MOST_WAITING):
            self.slots.release()

    async def finish(self, seconds: float) -> None:
        """Wait this long for the jobs in hand, then cancel them; they still record what they know."""
        for patience in (max(seconds, 0), _LAST_RECORD_SECONDS):
            if self.in_hand:
                await asyncio.wait(self.in_hand, timeout=patience)
            for task in self.in_hand:
                task.cancel()
        await asyncio.gather(*self.in_hand, return_exceptions=True)


async def hand_over(
    work: Work, kind: str, write: Callable[[], Mail], last_word: LastWord | None = None
) -> dict[str, str] | None:
    """Send what `write` makes, or what `last_word` makes of it; None if accepted, else its failure.

    The failure is `{"failure_class", "failure_detail"}`, as `worker.fail_mail` takes it.
    """
    failure, seconds = await _send(work.driver, write, last_word)
    work.metrics.mail(kind, "sent" if failure is None else failure["failure_class"], seconds)
    return failure


async def _send(
    driver: Driver, write: Callable[[], Mail], last_word: LastWord | None
) -> tuple[dict[str, str] | None, float]:
    """The failure, and how many seconds the mail's server took, from the moment that the mail is written."""
    began = time.perf_counter()
    failure: dict[str, str] | None = None
    try:
        mail = write()
        began = time.perf_counter()
        await driver.send(mail, last_word=last_word)
    except MailError as error:
        failure = {"failure_class": error.kind, "failure_detail": error.detail}
    except Withdrawn as withdrawn:
        failure = {"failure_class": "withdrawn", "failure_detail": withdrawn.reason}
    except ApiError as error:
        # Only the last word asks the database: nothing was handed over.
        failure = {"failure_class": "temporary", "failure_detail": f"no last word: {error.reason}"}
    except Exception as fault:
        # A fault of ours, maybe after the server had the mail.
        log.exception("mail_fault")
        failure = {"failure_class": "unknown", "failure_detail": f"a fault of ours: {type(fault).__name__}"}
    return failure, time.perf_counter() - began


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


async def record_accepted(database: Database, accepted: Sequence[dict[str, Any]]) -> None:
    """Record accepted mails together; if that fails, each by itself, so that one holds up no other."""
    try:
        await database.call("worker.finish_mails", results=accepted)
    except ApiError:
        ended = await asyncio.gather(
            *(record(database, "worker.finish_mails", results=[attempt]) for attempt in accepted),
            return_exceptions=True,
        )
        for error in ended:
            if error is not None:
                raise error from None
