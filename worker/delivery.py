"""What every job that mails has in common: hand a message over, and record the result in the database."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import structlog
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_exponential

from app.core.database import Database
from app.core.errors import ApiError
from app.core.settings import Settings
from app.mail.drivers import Driver, LastWord, MailError, Withdrawn
from worker.metrics import WorkerMetrics

log = structlog.get_logger(__name__)

# Less than rubis.send_lease(): after that the database counts the mail as unknown.
_RECORD_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Work:
    """What a job needs to do its work."""

    database: Database
    driver: Driver
    settings: Settings
    metrics: WorkerMetrics
    in_hand: set[asyncio.Task[None]] = field(default_factory=set)

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


async def deliver(
    work: Work,
    kind: str,
    attempt: dict[str, int],
    write: Callable[[], EmailMessage],
    *,
    counted_as: str,
    last_word: LastWord | None = None,
    **finished: Any,
) -> None:
    """Send what `write` makes, and call `worker.finish_<kind>` or `worker.fail_<kind>` for this attempt.

    `attempt` names the attempt's row, `counted_as` the kind of mail in the metrics; `last_word` says what
    leaves instead, right before it does; `finished` is what else the finishing function wants. Raises
    ApiError if the database could not be told for two minutes: then the attempt's lease decides.
    """
    began = time.perf_counter()
    failure = await _send(work.driver, write, last_word)
    outcome = "sent" if failure is None else failure["failure_class"]
    work.metrics.mail(counted_as, outcome, time.perf_counter() - began)
    if failure is None:
        await _record(work.database, f"worker.finish_{kind}", **attempt, **finished)
        log.info("mail_sent", kind=kind, **attempt)
        return
    await _record(work.database, f"worker.fail_{kind}", **attempt, **failure)
    if outcome == "withdrawn":
        log.info("mail_withdrawn", kind=kind, **attempt, reason=failure["failure_detail"])
    else:
        log.warning("mail_failed", kind=kind, **attempt, **failure)


async def _send(
    driver: Driver, write: Callable[[], EmailMessage], last_word: LastWord | None
) -> dict[str, str] | None:
    """Hand over what `write` makes, or its last word; None if it was accepted, else why it was not."""
    try:
        message = write()
        await driver.send(message, key=str(message["Message-ID"]).strip("<>"), last_word=last_word)
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


async def _record(database: Database, function: str, **params: Any) -> None:
    """Tell the database how a mail ended, patiently: a known fate must not become unknown."""
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(_is_passing),
        stop=stop_after_delay(_RECORD_SECONDS),
        wait=wait_exponential(multiplier=0.5, max=10),
        reraise=True,
    ):
        with attempt:
            await database.call(function, **params)
