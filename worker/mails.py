"""The one job: a batch of mails of any kind, of any organizations."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog

from app.core.security import new_token, token_hash
from app.mail.compose import new_message_id
from app.mail.drivers import MailError, Withdrawn
from app.mail.kinds import write_mail
from app.mail.letters import read_letter, write_letter
from app.mail.mail import Mail
from worker.delivery import Work, hand_over, record, record_accepted

log = structlog.get_logger(__name__)

# As many tokens as the questions that a mail of most organizations may hold; the database leaves what
# finds none for the next mail.
_TOKENS_PER_MAIL = 25
# An attempt that waited so long for its turn is given back: rubis.send_lease() must outlast the sending.
_PATIENCE_SECONDS = 60.0
# Accepted questions and notices are recorded together, and no later than this.
_MERGE_SECONDS = 0.5


async def send_mails(work: Work, mails: Sequence[tuple[int, int]], *, linked: bool) -> None:
    """Send a batch of mails, `(organization_id, mail_id)` each, as far as they are still to be sent.

    `linked`: they hold links, each with a token of its own; letters hold none.

    The database decides what each carries. Tokens are minted here and live in this call and in the mails;
    their SHA-256 is on record before a mail leaves, so a link works before a person has it. If the worker
    dies, leases run out. A fault of ours in one mail is raised when the others have ended.
    """
    # A batch begins when a mail of it can leave.
    async with work.slots:
        tokens = [new_token() for _ in range(_TOKENS_PER_MAIL * (len(mails) + 1) if linked else 0)]
        begun = await work.database.call(
            "worker.begin_mails",
            mails=[list(pair) for pair in mails],
            message_ids=tuple(new_message_id(work.settings) for _ in mails),
            token_hashes=tuple(token_hash(token) for token in tokens),
        )
    batch = _Batch(work, tokens)
    for facts in begun:
        if reason := facts.get("skip_reason"):
            _log_skipped(facts, reason)
    to_send = [facts for facts in begun if "skip_reason" not in facts]
    try:
        ended = await asyncio.gather(*map(batch.send, to_send), return_exceptions=True)
        batch.faults += [error for error in ended if error is not None]
    finally:
        await batch.end()
    for fault in batch.faults:
        raise fault


class _Batch:
    """The mails of one job, what is not on record yet, and the faults of ours that they met."""

    def __init__(self, work: Work, tokens: list[str]) -> None:
        self.faults: list[BaseException] = []
        self._work = work
        self._tokens = tokens
        self._began = time.monotonic()
        self._accepted: list[dict[str, Any]] = []
        self._merging: asyncio.Task[None] | None = None
        self._records: set[asyncio.Task[None]] = set()

    async def send(self, facts: dict[str, Any]) -> None:
        """Send one mail, and record what became of it."""
        attempt = {name: facts[name] for name in ("organization_id", "mail_id", "attempt")}
        letter = _Letter(self._work, self.faults, facts, attempt) if facts["kind"] == "letter" else None
        async with self._work.slots:
            if reason := self._too_late():
                failure: dict[str, str] | None = {"failure_class": "withdrawn", "failure_detail": reason}
            elif letter is not None:
                failure = await hand_over(self._work, "letter", letter.draft, letter.last_word)
            else:
                failure = await hand_over(self._work, facts["kind"], lambda: self._write(facts))
        text = {} if letter is None else letter.text()
        if failure is not None:
            kept = text if failure["failure_class"] == "unknown" else {}
            _log_failed(facts["kind"], attempt, failure)
            await self._record("worker.fail_mail", **attempt, **failure, **kept)
            return
        log.info("mail_sent", kind=facts["kind"], **attempt)
        if letter is not None:
            await self._record("worker.finish_mails", results=[attempt | text])
        else:
            self._accepted.append(attempt)
            if self._merging is None:
                self._merging = asyncio.create_task(self._merge())

    async def end(self) -> None:
        """Record what was accepted and is not on record, and wait until all is: the batch has ended."""
        if self._merging is not None:
            self._merging.cancel()
        self._record_accepted()
        ended = await asyncio.gather(*self._records, return_exceptions=True)
        self.faults += [error for error in ended if error is not None]

    def _too_late(self) -> str | None:
        """Why a mail whose turn has come is given back; None if it may leave."""
        if self._work.stopping:
            return "the worker stops"
        if time.monotonic() - self._began > _PATIENCE_SECONDS:
            return "it waited too long for its turn"
        return None

    def _write(self, facts: dict[str, Any]) -> Mail:
        return _written(self.faults, lambda: write_mail(facts, self._tokens, settings=self._work.settings))

    async def _merge(self) -> None:
        await asyncio.sleep(_MERGE_SECONDS)
        self._merging = None
        self._record_accepted()

    def _record_accepted(self) -> None:
        accepted, self._accepted = self._accepted, []
        if accepted:
            self._begin_record(record_accepted(self._work.database, accepted))

    async def _record(self, function: str, **params: Any) -> None:
        """Record how a mail ended, and wait for it. That goes on if the job is cancelled meanwhile."""
        await asyncio.wait({self._begin_record(record(self._work.database, function, **params))})

    def _begin_record(self, recording: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(recording)
        self._records.add(task)
        return task


def _written(faults: list[BaseException], write: Callable[[], Mail]) -> Mail:
    """What `write` makes. A fault of ours is kept; nothing has left, so the mail is tried again.

    Raises MailError.
    """
    try:
        return write()
    except MailError:
        raise
    except Exception as fault:
        faults.append(fault)
        raise MailError("temporary", f"not written: {type(fault).__name__}") from fault


class _Letter:
    """A letter to a client: it says what its last word says, right before it is handed over."""

    def __init__(
        self, work: Work, faults: list[BaseException], facts: dict[str, Any], attempt: dict[str, Any]
    ) -> None:
        self._work = work
        self._faults = faults
        self._facts = facts
        self._attempt = attempt
        self._mail: Mail | None = None

    def draft(self) -> Mail:
        return self._write(self._facts)

    async def last_word(self) -> Mail:
        confirmed = await self._work.database.call("worker.confirm_letter", **self._attempt)
        if reason := confirmed.get("skip_reason"):
            raise Withdrawn(reason)
        return self._write(confirmed["letter"])

    def _write(self, facts: dict[str, Any]) -> Mail:
        self._mail = _written(
            self._faults, lambda: write_letter(read_letter(facts), settings=self._work.settings)
        )
        return self._mail

    def text(self) -> dict[str, str]:
        """Subject and body of what was written last, for the record."""
        return {} if self._mail is None else {"subject": self._mail.subject, "body": self._mail.text}


def _log_skipped(facts: dict[str, Any], reason: str) -> None:
    """What is no longer to be said is no news; an error of ours is."""
    level = log.error if reason.startswith("error:") else log.info
    level("mail_skipped", organization_id=facts["organization_id"], mail_id=facts["mail_id"], reason=reason)


def _log_failed(kind: str, attempt: dict[str, Any], failure: dict[str, str]) -> None:
    if failure["failure_class"] == "withdrawn":
        log.info("mail_withdrawn", kind=kind, **attempt, reason=failure["failure_detail"])
    else:
        log.warning("mail_failed", kind=kind, **attempt, **failure)
