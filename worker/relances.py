"""The job of queue `relances`: one letter to a client, if it may leave now."""

from email.message import EmailMessage
from typing import Any

import structlog

from app.mail.drivers import Withdrawn
from app.mail.letters import letter_message, read_letter
from app.mail.messages import new_message_id
from worker.delivery import Work, deliver

log = structlog.get_logger(__name__)


async def send_relance(work: Work, organization_id: int, relance_id: int) -> None:
    """Send one relance, or find that it may not leave: the database gives the verdict under lock.

    Once the mail's server is ready for the letter, the database is asked again, and that answer is what the
    letter says. A letter whose fate is unknown is never sent again by itself. Its Message-ID is on record
    before it leaves, since the letters after it refer to it.
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
    attempt = {"organization_id": organization_id, "relance_mail_id": begun["relance_mail_id"]}

    def write(facts: dict[str, Any]) -> EmailMessage:
        return letter_message(read_letter(facts, message_id), settings=work.settings)

    async def last_word() -> EmailMessage:
        confirmed = await work.database.call("worker.confirm_relance_send", **attempt)
        if reason := confirmed.get("skip_reason"):
            raise Withdrawn(reason)
        return write(confirmed["letter"])

    await deliver(
        work,
        "relance_send",
        attempt,
        lambda: write(begun["letter"]),
        counted_as="relance",
        last_word=last_word,
    )
