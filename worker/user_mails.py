"""The job of queue `user_mails`: a notice to a user."""

import structlog

from app.core.security import new_token, token_hash
from app.mail.messages import new_message_id
from app.mail.notices import NOTICES, Notice, notice_message
from worker.delivery import Work, deliver

log = structlog.get_logger(__name__)


async def send_user_mail(work: Work, organization_id: int, user_mail_id: int) -> None:
    """Send one notice, or find that it is no longer to be sent.

    Its token is minted here, as a check-in's is; some kinds have no link.
    """
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
    path = NOTICES[begun["kind"]].link_path
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
