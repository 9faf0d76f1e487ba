"""The `smtp` driver against real servers that misbehave at each step."""

import asyncio
import contextlib
import ssl
import time
from email import message_from_bytes, policy
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from app.core.loop import run_loop
from app.mail.drivers import MailError, make_driver
from app.mail.kinds import write_mail
from app.mail.mail import Mail
from tests.mail.mail_begun import TOKENS, begun, make_mail, settings_of_mails
from tests.mail.mail_peers import (
    TOKEN,
    free_port,
    make_settings,
    scripted_peer,
    smtp_peer,
)

ACCOUNT = {"smtp_username": "rubis", "smtp_password": "correct horse"}
SHORT = {"mail_timeout_seconds": 0.25}


def send(changes: dict[str, Any], **mail: Any) -> None:
    send_message(changes, make_mail(**mail))


def send_message(changes: dict[str, Any], mail: Mail) -> None:
    async def play() -> None:
        settings = make_settings(**{"mail_driver": "smtp", **changes})
        async with contextlib.aclosing(make_driver(settings)) as driver:
            await driver.send(mail)

    run_loop(play())


def failure(changes: dict[str, Any], **mail: Any) -> MailError:
    with pytest.raises(MailError) as caught:
        send(changes, **mail)
    return caught.value


def answer(text: str) -> Any:
    """A step of aiosmtpd's handler that gives this answer."""

    async def step(*_: Any) -> str:
        return text

    return step


def after_dot(text: str) -> Any:
    async def step(_server: SMTP) -> str:
        return text

    return step


async def stall(*_: Any) -> str:
    await asyncio.sleep(30)
    return "250 OK"


@pytest.mark.parametrize("eight_bit", [True, False])
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_a_mail_arrives_as_written(*, eight_bit: bool, locale: str) -> None:
    """The URLs stand whole on their lines, with 8BITMIME and without, where only ASCII is sent."""
    server = {"decode_data": not eight_bit, "enable_SMTPUTF8": False}
    # A line that is one dot ends a message, were the dot not doubled (RFC 5321, 4.5.2).
    mail = write_mail(
        begun("questions", locale=locale), TOKENS, settings=settings_of_mails(mail_from_name=".")
    )
    with smtp_peer(server=server) as (settings, handler):
        send_message(settings, mail)
    (envelope,) = handler.accepted
    assert envelope.content is not None
    content = envelope.content.encode("ascii") if isinstance(envelope.content, str) else envelope.content
    parsed = message_from_bytes(content, policy=policy.SMTP)
    assert parsed.get_content().splitlines() == mail.text.splitlines()
    assert parsed["Content-Transfer-Encoding"] == ("8bit" if eight_bit else "base64")
    assert ("BODY=8BITMIME" in handler.mail_options) is eight_bit
    assert (envelope.mail_from, envelope.rcpt_tos) == (
        "relances@rubis-sur-l-ongle.fr",
        ["camille@studio-camille.example"],
    )


@pytest.mark.parametrize(
    ("step", "text", "kind"),
    [
        ("handle_MAIL", "451 4.3.0 try later", "operator"),
        ("handle_MAIL", "550 5.7.1 sender denied", "operator"),
        ("handle_MAIL", "530 5.7.0 authentication required", "operator"),
        ("handle_MAIL", "553 5.7.1 not your address", "operator"),
        ("handle_RCPT", "450 4.2.0 greylisted", "temporary"),
        ("handle_RCPT", "421 4.3.2 going down", "temporary"),
        ("handle_RCPT", "550 5.1.1 no such user", "refused"),
        ("handle_RCPT", "550 5.1.1 <relay@x.example> unknown", "refused"),
        ("handle_RCPT", "554 5.7.1 <x@y.example>: Relay access denied", "operator"),
        ("handle_RCPT", "530 5.7.0 authentication required", "operator"),
        ("after_dot", "451 4.3.0 try later", "temporary"),
        ("after_dot", "421 4.3.2 going down", "temporary"),
        ("after_dot", "552 5.3.4 too big", "refused"),
        ("after_dot", "554 5.7.1 looks like spam", "refused"),
    ],
)
def test_an_answer_decides_by_its_step(step: str, text: str, kind: str) -> None:
    """All mails have one sender, so it is the operator's; recipient and content are the mail's own."""
    hook = after_dot(text) if step == "after_dot" else answer(text)
    with smtp_peer(**{step: hook}) as (settings, _):
        error = failure(settings)
    stage = {"handle_MAIL": "MAIL", "handle_RCPT": "RCPT", "after_dot": "message"}[step]
    assert error.kind == kind
    assert error.detail.startswith(f"SMTP {text[:3]} at {stage}: ")


@pytest.mark.parametrize(
    ("verb", "text", "kind"),
    [
        ("DATA", "451 4.3.0 try later", "temporary"),
        ("DATA", "421 4.3.2 going down", "temporary"),
        ("DATA", "554 5.5.1 no valid recipients", "refused"),
        ("EHLO", "421 4.3.2 going down", "operator"),
    ],
)
def test_a_command_refused_before_the_message_is_known_not_to_have_sent_it(
    verb: str, text: str, kind: str
) -> None:
    """What is answered to EHLO or to DATA itself, before 354, is never unknown."""
    with smtp_peer(verbs={verb: text}) as (settings, handler):
        assert failure(settings).kind == kind
    assert handler.accepted == []


def test_a_server_without_ehlo_is_greeted_with_helo() -> None:
    """RFC 5321, 3.2: a server that does not know EHLO still gets its mail, in ASCII."""
    with smtp_peer(verbs={"EHLO": "502 what?"}) as (settings, handler):
        send(settings)
    (envelope,) = handler.accepted
    assert envelope.content is not None
    assert envelope.content.isascii()


@pytest.mark.parametrize("greeting", [b"421 too busy\r\n", b"554 go away\r\n", b"HTTP/1.1 400\r\n"])
def test_a_greeting_that_turns_us_away_is_for_the_operator(greeting: bytes) -> None:
    """A busy server, one that refuses us and one that speaks HTTP turn every mail away."""
    with scripted_peer(greeting) as port:
        assert failure({"smtp_host": "127.0.0.1", "smtp_port": port}).kind == "operator"


@pytest.mark.parametrize("tls", ["none", "starttls", "tls"])
def test_a_server_that_is_not_there_is_for_the_operator(tls: str) -> None:
    """A refused connection and a name that does not resolve fail for every mail."""
    for host, port in (("127.0.0.1", free_port()), ("smtp.invalid", 25)):
        error = failure({"smtp_host": host, "smtp_port": port, "smtp_tls": tls})
        assert (error.kind, "at connect" in error.detail) == ("operator", True)


@pytest.mark.parametrize(("step", "kind"), [("handle_MAIL", "operator"), ("handle_RCPT", "temporary")])
def test_a_time_out_before_the_message_decides_by_its_step(step: str, kind: str) -> None:
    """No answer to the sender concerns every mail; none to the recipient may concern that recipient."""
    hooks: dict[str, Any] = {step: stall}
    with smtp_peer(**hooks) as (settings, _):
        started = time.monotonic()
        assert failure({**settings, **SHORT}).kind == kind
        assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("answers", "kind"),
    [(0, "operator"), (1, "operator"), (2, "operator"), (3, "temporary"), (4, "temporary")],
)
@pytest.mark.parametrize("end", [b"", None], ids=["silent", "hangs_up"])
def test_a_session_that_ends_before_the_message_decides_by_its_step(
    answers: int, kind: str, end: bytes | None
) -> None:
    """In place of greeting, EHLO's answer or MAIL's: the operator's; of RCPT's or the 354: this mail's."""
    lines = [b"220 hi\r\n", *[b"250 OK\r\n"] * 3][:answers]
    changes = SHORT if end == b"" else {}
    with scripted_peer(*lines, end) as port:
        assert failure({"smtp_host": "127.0.0.1", "smtp_port": port, **changes}).kind == kind


def test_a_time_out_after_the_dot_is_unknown() -> None:
    """The server has the whole message and may have accepted it."""
    with smtp_peer(after_dot=stall) as (settings, handler):
        # Long enough to come as far as the dot on a busy machine.
        assert failure({**settings, "mail_timeout_seconds": 0.8}).kind == "unknown"
        assert len(handler.accepted) == 1


def test_a_connection_lost_after_the_dot_is_unknown() -> None:
    """The server has the whole message and died before it could say so."""

    async def hang_up(server: SMTP) -> str:
        assert isinstance(server.transport, asyncio.WriteTransport)
        server.transport.abort()
        return "250 OK"

    with smtp_peer(after_dot=hang_up) as (settings, handler):
        assert failure(settings).kind == "unknown"
        assert len(handler.accepted) == 1


def test_an_answer_after_the_dot_that_is_no_smtp_is_unknown() -> None:
    """What cannot be understood in the place of the final answer may have meant yes."""
    with smtp_peer(after_dot=after_dot("what a day")) as (settings, _):
        assert failure(settings).kind == "unknown"


def test_a_goodbye_that_never_comes_does_not_fail_the_mail() -> None:
    """After 250 the mail is sent, whatever happens to QUIT."""
    with smtp_peer(handle_QUIT=stall) as (settings, handler):
        send({**settings, "mail_timeout_seconds": 2})
        assert len(handler.accepted) == 1


def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=data.password == b"correct horse", handled=False)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        (ACCOUNT, None),
        ({**ACCOUNT, "smtp_password": "wrong"}, "operator"),
        ({}, "operator"),
    ],
)
def test_credentials_are_checked_by_a_real_auth(changes: dict[str, Any], kind: str | None) -> None:
    """Good credentials send; bad ones (535) and none where some are needed (530) wait for the operator."""
    server = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    with smtp_peer(server=server) as (settings, handler):
        if kind is None:
            send({**settings, **changes})
        else:
            assert failure({**settings, **changes}).kind == kind
    assert len(handler.accepted) == (kind is None)


@pytest.mark.parametrize("text", ["454 4.7.0 later", "535 5.7.8 no"])
def test_a_failed_auth_is_for_the_operator(text: str) -> None:
    """454 is the server's own trouble (RFC 4954, 4), 535 ours; the detail repeats codes and no words."""
    lines = [b"220 hi\r\n", b"250-x\r\n250 AUTH PLAIN\r\n", f"{text} correct horse\r\n".encode()]
    with scripted_peer(*lines) as port:
        error = failure({"smtp_host": "127.0.0.1", "smtp_port": port, **ACCOUNT})
    assert error.kind == "operator"
    assert error.detail == f"SMTP {text[:9].replace(' ', ' at AUTH: ')}"


def test_auth_that_is_not_offered_is_for_the_operator() -> None:
    """A user name set for a server that takes none is a setting to mend."""
    with smtp_peer() as (settings, _):
        assert failure({**settings, **ACCOUNT}).kind == "operator"


def test_starttls_that_is_not_offered_sends_nothing_in_the_clear() -> None:
    """SMTP_TLS=starttls is a demand (RFC 3207, 6: a stripped offer is an attack)."""
    with smtp_peer() as (settings, handler):
        assert failure({**settings, "smtp_tls": "starttls"}).kind == "operator"
    assert handler.accepted == []


def untrusted_tls() -> ssl.SSLContext:
    certificates = Path(str(files("aiosmtpd") / "tests" / "certs"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / "server.crt", certificates / "server.key")
    return context


def test_a_starttls_refused_is_for_the_operator() -> None:
    """454 TLS not available (RFC 3207, 4) meets every mail."""
    verbs = {"STARTTLS": "454 TLS not available"}
    with smtp_peer(verbs=verbs, server={"tls_context": untrusted_tls()}) as (settings, _):
        assert failure({**settings, "smtp_tls": "starttls"}).kind == "operator"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certificate_that_does_not_verify_is_for_the_operator(tls: str) -> None:
    """No mail goes to a server that cannot prove its name."""
    server = {"tls_context": untrusted_tls()} if tls == "starttls" else {"ssl_context": untrusted_tls()}
    with smtp_peer(server=server) as (settings, handler):
        error = failure({**settings, "smtp_tls": tls})
    assert (error.kind, "certificate" in error.detail) == ("operator", True)
    assert handler.accepted == []


def test_tls_to_a_server_that_speaks_plainly_is_for_the_operator() -> None:
    """SMTP_TLS=tls on a STARTTLS port is a setting to mend."""
    with scripted_peer(b"220 hi\r\n") as port:
        assert failure({"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "tls"}).kind == "operator"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_trusted_certificate_carries_the_mail(
    tls: str, localhost_tls: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a certificate the machine trusts, both kinds of TLS send."""
    context, certificate = localhost_tls
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = (
        {"tls_context": context, "require_starttls": True} if tls == "starttls" else {"ssl_context": context}
    )
    with smtp_peer(server=server) as (settings, handler):
        send({**settings, "smtp_tls": tls})
    assert len(handler.accepted) == 1


def test_an_international_address_needs_smtputf8() -> None:
    """It is sent where SMTPUTF8 (RFC 6531) is offered, and refused in words where it is not."""
    with smtp_peer(server={"enable_SMTPUTF8": True}) as (settings, handler):
        send(settings, to_address="zoé@crème.example")
    assert handler.accepted[0].rcpt_tos == ["zoé@xn--crme-6oa.example"]
    with smtp_peer(server={"enable_SMTPUTF8": False}) as (settings, handler):
        error = failure(settings, to_address="zoé@crème.example")
    assert (error.kind, "SMTPUTF8" in error.detail) == ("refused", True)
    assert handler.accepted == []


def test_an_answer_that_quotes_the_link_is_masked() -> None:
    """A content filter's answer may repeat the link; no part of the token is kept."""
    text = f"554 5.7.1 blocked: https://x.example/api/v1/checkin/{TOKEN[:30]} {TOKEN[30:]}/paid"
    with smtp_peer(after_dot=after_dot(text)) as (settings, _):
        error = failure(settings)
    assert error.detail == "SMTP 554 at message: 5.7.1 blocked: https://x.example/api/v1/checkin/***"
