"""The job of queue `checkins`: mail one question to the user who issued the invoice."""

import structlog

from app.core.security import new_token, token_hash
from app.mail.messages import CheckinMail, checkin_message, new_message_id
from worker.delivery import Work, deliver

log = structlog.get_logger(__name__)


async def send_checkin(work: Work, organization_id: int, checkin_task_id: int) -> None:
    """Ask one question by mail, or find that it is no longer to be asked.

    The token is minted here and lives in this call and in the mail. The database gets its SHA-256 before the
    mail leaves, so a link works before a person has it. If the worker dies, the lease runs out.
    """
    token = new_token()
    begun = await work.database.call(
        "worker.begin_checkin_send",
        organization_id=organization_id,
        checkin_task_id=checkin_task_id,
        token_hash=token_hash(token),
    )
    if (reason := begun.pop("skip_reason")) is not None:
        log.info(
            "checkin_skipped", organization_id=organization_id, checkin_task_id=checkin_task_id, reason=reason
        )
        return
    attempt = {"organization_id": organization_id, "checkin_mail_id": begun.pop("checkin_mail_id")}
    link = f"{work.settings.public_url}/api/v1/checkin/{token}"
    mail = CheckinMail(
        **begun,
        paid_url=f"{link}/paid",
        pending_url=f"{link}/pending",
        page_url=f"{work.settings.public_url}/checkin/{token}",
        message_id=new_message_id(work.settings),
    )
    await deliver(
        work,
        "checkin_send",
        attempt,
        lambda: checkin_message(mail, settings=work.settings),
        counted_as="checkin",
        message_id=mail.message_id,
    )
