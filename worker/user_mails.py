"""The job of queue `user_mails`: a mail to a user that is no check-in."""

import structlog

from app.core.security import new_token, token_hash
from app.mail.messages import new_message_id
from app.mail.notices import Notice, notice_message
from worker.delivery import Work, deliver

log = structlog.get_logger(__name__)

# Where the link of each kind leads; the other kinds have none.
_LINKS = {"verify_email": "api/v1/verify-email", "answer_receipt": "checkin"}


async def send_user_mail(work: Work, organization_id: int, user_mail_id: int) -> None:
    """Send one such mail. Its token is minted here, as a check-in's is; not every kind has a link."""
    token = new_token()
    begun = await work.database.call(
        "worker.begin_user_mail",
        organization_id=organization_id,
        user_mail_id=user_mail_id,
        token_hash=token_hash(token),
    )
    if reason := begun.get("skip_reason"):
        log.info(
            "user_mail_skipped", organization_id=organization_id, user_mail_id=user_mail_id, reason=reason
        )
        return
    attempt = {"organization_id": organization_id, "user_mail_attempt_id": begun.pop("user_mail_attempt_id")}
    path = _LINKS.get(begun["kind"])
    notice = Notice(
        **begun,
        link=None if path is None else f"{work.settings.public_url}/{path}/{token}",
        message_id=new_message_id(work.settings),
    )
    await deliver(
        work,
        "user_mail",
        attempt,
        lambda: notice_message(notice, settings=work.settings),
        counted_as=notice.kind,
        message_id=notice.message_id,
    )
