"""The job of queue `checkins`: mail one question to the user who issued the invoice."""

from dataclasses import dataclass
from typing import Any

import structlog
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_exponential

from app.database import Database
from app.errors import ApiError
from app.security import new_token, token_hash
from app.settings import Settings
from worker.mail.drivers import Driver, MailError
from worker.mail.messages import CheckinMail, checkin_message, new_message_id

log = structlog.get_logger(__name__)

# Below rubis.send_lease(): after that the mail's fate is unknown to everybody else.
_RECORD_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Work:
    """What a job needs to do its work."""

    database: Database
    driver: Driver
    settings: Settings


async def send_checkin(work: Work, organization_id: int, checkin_task_id: int) -> None:
    """Ask one question by mail, or find that it is no longer to be asked.

    The token is minted here and lives in this call and in the mail; the database gets its SHA-256 before the mail
    leaves, so no link can reach a person before it works. A worker that dies in between leaves a lease to run out.
    Raises ApiError if the database could not be told how it ended for two minutes.
    """
    token = new_token()
    begun = await work.database.call(
        "worker.begin_checkin_send",
        organization_id=organization_id,
        checkin_task_id=checkin_task_id,
        token_hash=token_hash(token),
    )
    ids = {"organization_id": organization_id, "checkin_task_id": checkin_task_id}
    if begun["skip_reason"] is not None:
        log.info("checkin_skipped", **ids, reason=begun["skip_reason"])
        return
    ids["checkin_mail_id"] = begun["checkin_mail_id"]
    try:
        message_id = await _send(work, begun, token)
    except MailError as error:
        await _record(
            work.database,
            "worker.fail_checkin_send",
            organization_id=organization_id,
            checkin_mail_id=begun["checkin_mail_id"],
            failure_class=error.kind,
            failure_detail=error.detail,
        )
        log.warning("checkin_mail_failed", **ids, failure_class=error.kind, detail=error.detail)
    else:
        await _record(
            work.database,
            "worker.finish_checkin_send",
            organization_id=organization_id,
            checkin_mail_id=begun["checkin_mail_id"],
            message_id=message_id,
        )
        log.info("checkin_sent", **ids)


async def _send(work: Work, begun: dict[str, Any], token: str) -> str:
    """Write the mail and hand it over; return its Message-ID."""
    link = f"{work.settings.public_url}/api/v1/checkin/{token}"
    mail = CheckinMail(
        **{name: value for name, value in begun.items() if name not in ("skip_reason", "checkin_mail_id")},
        paid_url=f"{link}/paid",
        pending_url=f"{link}/pending",
        message_id=(message_id := new_message_id(work.settings)),
    )
    await work.driver.send(checkin_message(mail, settings=work.settings), key=message_id.strip("<>"))
    return message_id


async def _record(database: Database, function: str, **params: Any) -> None:
    """Tell the database how a mail ended, patiently: a database away for a moment must not make a known fate unknown."""
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(lambda error: isinstance(error, ApiError) and error.status == 503),
        stop=stop_after_delay(_RECORD_SECONDS),
        wait=wait_exponential(multiplier=0.5, max=10),
        reraise=True,
    ):
        with attempt:
            await database.call(function, **params)
