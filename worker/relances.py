"""The job of queue `relances`: one letter to a client, if it may leave now."""

import structlog

from app.mail.letters import letter_message, read_letter
from app.mail.messages import new_message_id
from worker.delivery import Work, deliver

log = structlog.get_logger(__name__)


async def send_relance(work: Work, organization_id: int, relance_id: int) -> None:
    """Send one relance, or find that it may not leave: the database gives the verdict under lock.

    A letter whose fate is unknown is never sent again by itself. Its Message-ID is on record before it
    leaves, since the letters after it refer to it.
    """
    message_id = new_message_id(work.settings)
    begun = await work.database.call(
        "worker.begin_relance_send",
        organization_id=organization_id,
        relance_id=relance_id,
        message_id=message_id,
    )
    if reason := begun.get("skip_reason"):
        log.info("relance_skipped", organization_id=organization_id, relance_id=relance_id, reason=reason)
        return
    letter = read_letter(begun["letter"], message_id)
    attempt = {"organization_id": organization_id, "relance_mail_id": begun["relance_mail_id"]}
    await deliver(
        work,
        "relance_send",
        attempt,
        lambda: letter_message(letter, settings=work.settings),
        counted_as="relance",
    )
