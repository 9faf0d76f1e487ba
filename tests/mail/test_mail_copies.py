"""Copies of a letter over SMTP: they leave with it, and never keep it from leaving."""

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope
from structlog.testing import capture_logs

from app.core.loop import run_loop
from app.mail.drivers import MailError, Withdrawn, make_driver, smtp_session
from app.mail.mail import Mail
from tests.mail.mail_begun import make_mail
from tests.mail.mail_peers import Act, answer, hang_up, make_settings, smtp_peer, stall

CLIENT = "compta@boulangerie-martin.example"
COPIES = ["camille@studio-camille.example", "zoe@studio-camille.example"]


def letter(copies: list[str] = COPIES, **changes: Any) -> Mail:
    """A letter of which these addresses get a copy."""
    return make_mail("letter", copy_to=copies, **changes)


def send(
    settings: dict[str, Any], *mails: Mail, last_word: Callable[[], Awaitable[Mail]] | None = None
) -> None:
    """Send them one after the other with one driver."""

    async def play() -> None:
        async with contextlib.aclosing(make_driver(make_settings(**settings))) as driver:
            for mail in mails:
                await driver.send(mail, last_word=last_word)

    run_loop(play())


def at_address(address: str, act: Act) -> dict[str, Any]:
    """What the server does when this recipient is named; it takes any other."""

    async def handle(server: SMTP, _session: Any, envelope: Envelope, named: str, _options: Any) -> str:
        if named == address:
            return await act(server)
        envelope.rcpt_tos.append(named)
        return "250 OK"

    return {"handle_RCPT": handle}


def test_a_copy_is_a_further_recipient_of_the_same_message() -> None:
    """All are named to the server; no byte of the message names one who gets a copy."""
    with smtp_peer() as (settings, handler):
        send(settings, letter(["patron@ailleurs.example"]))
    (envelope,) = handler.accepted
    assert envelope.rcpt_tos == [CLIENT, "patron@ailleurs.example"]
    content = bytes(envelope.original_content or b"").lower()
    assert b"patron" not in content
    assert b"bcc" not in content


@pytest.mark.parametrize("text", ["550 5.1.1 no such user", "450 4.2.0 greylisted", "554 5.7.1 relay denied"])
def test_a_refused_copy_is_logged_and_the_letter_leaves(text: str) -> None:
    """The letter leaves on the same session, with the copy that was taken."""
    with smtp_peer(**at_address(COPIES[0], answer(text))) as (settings, handler), capture_logs() as logs:
        send(settings, letter(), letter())
    assert [envelope.rcpt_tos for envelope in handler.accepted] == [[CLIENT, COPIES[1]]] * 2
    assert len({id(session) for session in handler.sessions}) == 1
    refused = [entry["detail"] for entry in logs if entry["event"] == "mail_copy_refused"]
    assert refused == [text] * 2


@pytest.mark.parametrize("act", [hang_up, stall, answer("421 4.3.2 going down")])
def test_a_connection_that_ends_over_a_copy_costs_the_copies_only(
    act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The letter leaves on a new session, without copies, also after a mail on a kept one."""
    monkeypatch.setattr(smtp_session, "_PATIENCE_SECONDS", 0.3)
    with smtp_peer(**at_address(COPIES[1], act)) as (settings, handler), capture_logs() as logs:
        send(settings, letter(), letter([]), letter())
    assert [envelope.rcpt_tos for envelope in handler.accepted] == [[CLIENT]] * 3
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == (
        ["mail_copies_left_out"] * 2
    )


def test_nothing_leaves_when_the_letter_is_refused() -> None:
    """The copies are not even named."""
    named: list[str] = []

    async def handle(_server: SMTP, _session: Any, _envelope: Envelope, address: str, _options: Any) -> str:
        named.append(address)
        return "550 5.1.1 no such user"

    with smtp_peer(handle_RCPT=handle) as (settings, handler), pytest.raises(MailError) as caught:
        send(settings, letter())
    assert (caught.value.kind, named, handler.accepted) == ("refused", [CLIENT], [])


def test_a_withdrawn_letter_leaves_no_copy() -> None:
    """The last word is asked for before any copy is named."""

    async def nothing() -> Mail:
        raise Withdrawn("invoice_paid")

    with smtp_peer() as (settings, handler), pytest.raises(Withdrawn):
        send(settings, letter(), last_word=nothing)
    assert handler.accepted == []


def test_the_last_word_says_who_gets_a_copy() -> None:
    """A user whose invoice left the letter meanwhile gets none; the letter leaves at once."""

    async def fewer() -> Mail:
        return letter(COPIES[:1])

    with smtp_peer() as (settings, handler):
        send(settings, letter(), last_word=fewer)
    assert [envelope.rcpt_tos for envelope in handler.accepted] == [[CLIENT, COPIES[0]]]


@pytest.mark.parametrize("smtputf8", [True, False])
def test_an_international_copy_needs_smtputf8(*, smtputf8: bool) -> None:
    """It is sent where SMTPUTF8 is offered; elsewhere the letter leaves without it."""
    with smtp_peer(server={"enable_SMTPUTF8": smtputf8}) as (settings, handler):
        send(settings, letter(["zoé@studio-camille.example"]))
    copies = ["zoé@studio-camille.example"] if smtputf8 else []
    assert handler.accepted[0].rcpt_tos == [CLIENT, *copies]


def test_what_is_no_address_or_the_clients_own_gets_no_copy() -> None:
    """A wrong address is logged and left out; none is named twice."""
    with capture_logs() as logs:
        mail = letter([CLIENT, COPIES[0], "a@b.c, d@e.f", COPIES[0], "x@y.z\r\nBcc: a@b.c"])
    assert mail.envelope.copies == (COPIES[0],)
    assert [entry["event"] for entry in logs] == ["mail_copy_left_out"] * 2
