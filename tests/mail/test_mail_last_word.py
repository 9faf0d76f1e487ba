"""The last word on a mail, asked for when its server is ready to take it, with each driver."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.loop import run_loop
from app.mail.drivers import MailError, Withdrawn, make_driver
from app.mail.mail import Mail
from tests.mail.mail_begun import make_mail
from tests.mail.mail_peers import make_settings, resend_peer, smtp_peer

OK = (200, b'{"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}')
ID = "<1@rubis.test>"
LOST = (500, b'{"statusCode": 500, "name": "application_error", "message": "An unexpected error occurred."}')


def says(**changes: Any) -> Callable[[], Awaitable[Mail]]:
    """The last word is this mail."""

    async def last_word() -> Mail:
        return make_mail(**changes)

    return last_word


async def nothing() -> Mail:
    """The last word is that nothing may leave."""
    raise Withdrawn("invoice_paid")


def send(settings: dict[str, Any], *last_words: Callable[[], Awaitable[Mail]] | None) -> list[Any]:
    """Send a mail for each last word with one driver; what each send raised, else None."""
    ended: list[Any] = []

    async def play() -> None:
        async with contextlib.aclosing(make_driver(make_settings(**settings))) as driver:
            for last_word in last_words:
                try:
                    await driver.send(make_mail(), last_word=last_word)
                except (MailError, Withdrawn) as error:
                    ended.append(error)
                else:
                    ended.append(None)

    run_loop(play())
    return ended


@pytest.fixture(params=["smtp", "resend", "file"])
def post(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[dict[str, Any], Callable[[], Any]]]:
    """The settings of a driver, and what the other side has: the text of each mail."""
    if request.param == "smtp":
        with smtp_peer() as (settings, handler):
            yield (
                settings,
                lambda: [bytes(envelope.original_content or b"").decode() for envelope in handler.accepted],
            )
    elif request.param == "resend":
        with resend_peer(OK) as peer:
            yield (
                {"mail_driver": "resend", "resend_url": peer.url, "resend_api_key": "re_x"},
                lambda: [json.loads(sent["body"])["text"] for sent in peer.requests],
            )
    else:
        yield (
            {"mail_driver": "file", "rubis_data_dir": tmp_path},
            lambda: [file.read_text() for file in sorted(tmp_path.glob("outbox/*.eml"))],
        )


def test_the_last_word_leaves_instead_of_the_draft(post: tuple[dict[str, Any], Callable[[], Any]]) -> None:
    """Each driver sends what the last word says."""
    settings, received = post
    assert send(settings, says(item={"number": "F-2026-777"})) == [None]
    (text,) = received()
    assert "F-2026-777" in text
    assert "F-2026-014" not in text


def test_a_withdrawn_mail_does_not_leave(post: tuple[dict[str, Any], Callable[[], Any]]) -> None:
    """No driver sends anything then; the next mail leaves."""
    settings, received = post
    withdrawn, sent = send(settings, nothing, None)
    assert (withdrawn.reason, sent) == ("invoice_paid", None)
    assert len(received()) == 1


def test_a_mail_for_another_address_is_tried_again(post: tuple[dict[str, Any], Callable[[], Any]]) -> None:
    """The envelope is named already: a last word to another recipient is a temporary failure."""
    settings, received = post
    (error,) = send(settings, says(to_address="autre@studio-camille.example"))
    assert error.kind == "temporary"
    assert received() == []


def test_smtp_withdraws_by_rset_and_keeps_the_session() -> None:
    """The session of a withdrawn mail carries the next one."""
    said: list[str] = []

    async def rset(*_: Any) -> str:
        said.append("RSET")
        return "250 OK"

    with smtp_peer(handle_RSET=rset) as (settings, handler):
        accepted, withdrawn, after = send(settings, None, nothing, None)
    assert (accepted, withdrawn.reason, after, said) == (None, "invoice_paid", None, ["RSET"])
    assert len({id(session) for session in handler.sessions}) == 1


def test_smtp_asks_after_rcpt() -> None:
    """The last word is asked for when RCPT is answered, however long that took."""
    order: list[str] = []

    async def rcpt(_server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        await asyncio.sleep(0.1)
        order.append("RCPT")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def last_word() -> Mail:
        order.append("asked")
        return make_mail()

    with smtp_peer(handle_RCPT=rcpt) as (settings, _):
        assert send(settings, last_word) == [None]
    assert order == ["RCPT", "asked"]


@pytest.mark.parametrize(
    ("second", "ended", "requests"),
    [
        (says(message_id=ID), None, 2),
        (says(message_id=ID, item={"number": "X"}), "unknown", 1),
        (nothing, "unknown", 1),
    ],
)
def test_resend_repeats_only_what_the_last_word_still_says(
    second: Callable[[], Awaitable[Mail]], ended: str | None, requests: int
) -> None:
    """After an answer that leaves the mail's fate unknown, another last word ends it as unknown."""
    words = iter([says(message_id=ID), second])

    async def last_word() -> Mail:
        return await next(words)()

    with resend_peer(LOST, OK) as peer:
        settings = {"mail_driver": "resend", "resend_url": peer.url, "resend_api_key": "re_x"}
        (error,) = send(settings, last_word)
    assert (error and error.kind, len(peer.requests)) == (ended, requests)
