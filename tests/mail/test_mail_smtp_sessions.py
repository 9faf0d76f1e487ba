"""SMTP sessions that are kept: the next mail goes on them, and is never worse off than on a new one."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from app.core.loop import run_loop
from app.mail.drivers import Driver, MailError, make_driver, smtp, smtp_session
from tests.mail.mail_begun import make_mail
from tests.mail.mail_peers import Act, Handler, answer, hang_up, make_settings, smtp_peer, stall


@contextlib.asynccontextmanager
async def sending(settings: dict[str, Any], **changes: Any) -> AsyncIterator[Driver]:
    """A driver, closed at the end."""
    async with contextlib.aclosing(make_driver(make_settings(**settings, **changes))) as driver:
        yield driver


async def send(driver: Driver, count: int = 1, **mail: Any) -> None:
    for _ in range(count):
        await driver.send(make_mail(**mail))


async def failure(driver: Driver) -> MailError:
    with pytest.raises(MailError) as caught:
        await send(driver)
    return caught.value


def sessions(handler: Handler) -> list[int]:
    """The number, from 0, of the session of each mail that was accepted."""
    numbers: dict[int, int] = {}
    return [numbers.setdefault(id(session), len(numbers)) for session in handler.sessions]


def at_second_mail(act: Act) -> dict[str, Any]:
    """What a session does at MAIL if it has already taken a mail."""

    async def handle(
        server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if vars(session).setdefault("used", False):
            return await act(server)
        vars(session)["used"] = True
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    return {"handle_MAIL": handle}


def at_second_dot(act: Act) -> dict[str, Any]:
    """What the server does when it has the whole text of the second mail, and of those after it."""
    count = 0

    async def after_dot(server: SMTP) -> str:
        nonlocal count
        count += 1
        return await act(server) if count > 1 else "250 OK"

    return {"after_dot": after_dot}


class Goodbyes:
    """Counts QUIT."""

    def __init__(self) -> None:
        self.count = 0

    async def handle(self, *_: Any) -> str:
        self.count += 1
        return "221 Bye"

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(5):
            while self.count < count:  # noqa: ASYNC110  another thread's number
                await asyncio.sleep(0.01)


def test_mails_go_on_the_same_session() -> None:
    """One after the other they share a session; at once each has its own, and later mails use those."""

    async def play() -> None:
        async with sending(settings) as driver:
            await send(driver, 3)
            assert sessions(handler) == [0, 0, 0]
            await asyncio.gather(*(send(driver) for _ in range(3)))
            assert set(sessions(handler)) == {0, 1, 2}
            await asyncio.gather(*(send(driver, 2) for _ in range(3)))
            assert set(sessions(handler)) == {0, 1, 2}

    with smtp_peer() as (settings, handler):
        run_loop(play())


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_session_is_encrypted_and_signed_in_once(
    tls: str, localhost_tls: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mails after the first go on the encrypted session as it stands."""
    context, certificate = localhost_tls
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    signed_in = []

    def authenticate(*_: Any) -> AuthResult:
        signed_in.append(True)
        return AuthResult(success=True)

    server: dict[str, Any] = {"authenticator": authenticate, "auth_required": True}
    server |= (
        {"tls_context": context, "require_starttls": True}
        if tls == "starttls"
        else {"ssl_context": context, "auth_require_tls": False}
    )

    async def play() -> None:
        account = {"smtp_username": "rubis", "smtp_password": "correct horse"}
        async with sending(settings, smtp_tls=tls, **account) as driver:
            await send(driver, 3)

    with smtp_peer(server=server) as (settings, handler):
        run_loop(play())
    assert sessions(handler) == [0, 0, 0]
    assert len(signed_in) == 1


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("busy", [0.3, 3.0])
def test_an_encrypted_session_is_closed_before_its_loop_is(
    tls: str, busy: float, localhost_tls: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of TLS takes two. A server that is slow to agree is waited for, a while; then it is dropped."""
    monkeypatch.setattr(smtp_session, "_PATIENCE_SECONDS", 1.0)
    context, certificate = localhost_tls
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = {"tls_context": context} if tls == "starttls" else {"ssl_context": context}

    async def hold(*_: Any) -> str:
        time.sleep(busy)  # noqa: ASYNC251  all of the server: it reads nothing meanwhile
        return "221 Bye"

    async def play() -> None:
        async with sending(settings, smtp_tls=tls) as driver:
            await send(driver)

    with smtp_peer(server=server, handle_QUIT=hold) as (settings, handler):
        run_loop(play())
    assert sessions(handler) == [0]


@pytest.mark.parametrize(
    "act",
    [
        answer("421 4.4.2 idle for too long"),
        answer("451 4.7.0 too many mails on this session"),
        answer("554 5.5.0 too many mails on this session"),
        answer("what a day"),
        hang_up,
        stall,
    ],
)
def test_a_session_that_takes_no_more_costs_the_mail_nothing(
    act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a kept session says to MAIL but yes, the mail goes on a new one, once."""
    monkeypatch.setattr(smtp_session, "_PATIENCE_SECONDS", 0.3)

    async def play() -> None:
        async with sending(settings) as driver:
            await send(driver, 3)

    with smtp_peer(**at_second_mail(act)) as (settings, handler):
        run_loop(play())
    assert sessions(handler) == [0, 1, 2]


@pytest.mark.parametrize("to_address", ["camille@studio-camille.example", "zoé@studio-camille.example"])
def test_a_session_that_was_closed_while_idle_costs_the_mail_nothing(to_address: str) -> None:
    """It is asked again what the server offers: here SMTPUTF8, without which the mail would be refused."""

    async def close_soon(server: SMTP) -> str:
        assert server.transport is not None
        server.loop.call_later(0.1, server.transport.close)
        return "250 OK"

    async def play() -> None:
        async with sending(settings) as driver:
            await send(driver)
            await asyncio.sleep(0.3)
            await send(driver, to_address=to_address)

    with smtp_peer(server={"enable_SMTPUTF8": True}, after_dot=close_soon) as (settings, handler):
        run_loop(play())
    assert sessions(handler) == [0, 1]


@pytest.mark.parametrize(("act", "limit"), [(hang_up, 10), (stall, 0.8), (answer("what a day"), 10)])
def test_a_mail_without_an_answer_is_unknown_on_a_kept_session_too(act: Act, limit: float) -> None:
    """The server has its whole text: it is not handed over again, and the session is not used again."""

    async def play() -> None:
        async with sending(settings, mail_timeout_seconds=limit) as driver:
            await send(driver)
            assert (await failure(driver)).kind == "unknown"
            assert sessions(handler) == [0, 0]
            assert (await failure(driver)).kind == "unknown"
            assert sessions(handler) == [0, 0, 1]

    with smtp_peer(**at_second_dot(act)) as (settings, handler):
        run_loop(play())


@pytest.mark.parametrize(
    ("text", "kind"), [("421 4.3.2 going down", "temporary"), ("554 5.7.1 looks like spam", "refused")]
)
def test_a_refusal_counts_on_a_kept_session_too(text: str, kind: str) -> None:
    """The answer to the text is the mail's fate: it is not asked for twice, and the session is left."""
    goodbyes = Goodbyes()

    async def play() -> None:
        async with sending(settings) as driver:
            await send(driver)
            assert (await failure(driver)).kind == kind
            assert sessions(handler) == [0, 0]
            await goodbyes.wait_for(1)

    with smtp_peer(**at_second_dot(answer(text)), handle_QUIT=goodbyes.handle) as (settings, handler):
        run_loop(play())


def test_a_recipient_is_refused_once() -> None:
    """A kept session's answer about a recipient is no reason to ask again on a new one."""
    asked = []

    async def handle_rcpt(_s: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:
        asked.append(address)
        if len(asked) > 1:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def play() -> None:
        async with sending(settings) as driver:
            await send(driver)
            assert (await failure(driver)).kind == "refused"

    with smtp_peer(handle_RCPT=handle_rcpt) as (settings, _):
        run_loop(play())
    assert len(asked) == 2


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_credentials_that_were_revoked_are_for_the_operator() -> None:
    """The server wants none of the kept session any more; on the new one it says why."""
    valid = [True]

    def authenticate(*_: Any) -> AuthResult:
        return AuthResult(success=valid[0], handled=False)

    async def play() -> None:
        account = {"smtp_username": "rubis", "smtp_password": "correct horse"}
        async with sending(settings, **account) as driver:
            await send(driver)
            valid[0] = False
            error = await failure(driver)
            assert (error.kind, error.detail) == ("operator", "SMTP 535 at AUTH: 5.7.8")
            valid[0] = True
            await send(driver)

    server = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    with smtp_peer(server=server, **at_second_mail(answer("550 5.7.1 not you"))) as (settings, handler):
        run_loop(play())
    assert sessions(handler) == [0, 1]


def test_a_session_is_left_when_it_has_been_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """With QUIT, without waiting for a next mail, which then gets a new one."""
    monkeypatch.setattr(smtp, "_IDLE_SECONDS", 0.1)
    goodbyes = Goodbyes()

    async def play() -> None:
        async with sending(settings) as driver:
            await send(driver)
            await goodbyes.wait_for(1)
            await send(driver)

    with smtp_peer(handle_QUIT=goodbyes.handle) as (settings, handler):
        run_loop(play())
    assert sessions(handler) == [0, 1]


def test_a_session_is_left_when_it_has_sent_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """With QUIT, before a server that counts would turn a mail away."""
    monkeypatch.setattr(smtp_session, "_MOST_MAILS", 2)
    goodbyes = Goodbyes()

    async def play() -> None:
        async with sending(settings) as driver:
            await send(driver, 5)
            await goodbyes.wait_for(2)

    with smtp_peer(handle_QUIT=goodbyes.handle) as (settings, handler):
        run_loop(play())
    assert sessions(handler) == [0, 0, 1, 1, 2]


def test_closing_takes_leave_of_every_session() -> None:
    """A worker that stops says QUIT on each."""
    goodbyes = Goodbyes()

    async def play() -> None:
        async with sending(settings) as driver:
            await asyncio.gather(*(send(driver) for _ in range(3)))
        await goodbyes.wait_for(3)

    with smtp_peer(handle_QUIT=goodbyes.handle) as (settings, _):
        run_loop(play())
