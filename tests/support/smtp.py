"""A real SMTP server that keeps what it accepts, and that a test can make wait, refuse or forget."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.ports import free_port
from tests.support.waiting import until

Point = Literal["greeting", "rcpt", "data", "message", "accepted"]
"""Before the 220; at RCPT; at DATA, before the 354; in the message; when it is all here, before the 250."""

DROP = "drop"
"""An answer, at the last two points: the connection ends. What was here as a whole is kept all the same."""

_LINK = re.compile(
    r"^(?P<url>https?://\S+/api/v1/checkin/(?P<token>[A-Za-z0-9_-]{43})/(?P<answer>paid|pending))$",
    re.MULTILINE,
)
_URL = re.compile(r"^https?://\S+$", re.MULTILINE)
_NUMBER = re.compile(r"^(?:\d+\. )?(?:Facture|Invoice)(?:\s?:)? (?P<number>\S.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """One question of a mail: the number of its invoice, its plain token, its two links by answer."""

    number: str
    token: str
    links: dict[str, str]


@dataclass(frozen=True)
class Mail:
    """A mail that was accepted, or would have been."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        """The body, as plain text."""
        return self._body("plain")

    @property
    def html(self) -> str:
        """The HTML beside the plain text; empty if there is none."""
        return self._body("html")

    @property
    def questions(self) -> list[Question]:
        """What the mail asks, in its order; empty unless it is a mail of questions."""
        text = self.text
        links: dict[str, dict[str, str]] = {}
        numbers: dict[str, str] = {}
        for match in _LINK.finditer(text):
            token = match["token"]
            links.setdefault(token, {})[match["answer"]] = match["url"]
            numbers.setdefault(token, _NUMBER.findall(text, 0, match.start())[-1])
        return [Question(numbers[token], token, links[token]) for token in links]

    @property
    def links(self) -> dict[str, str]:
        """The two URLs of a mail of one question, each alone on its line: {"paid": ..., "pending": ...}."""
        return {match["answer"]: match["url"] for match in _LINK.finditer(self.text)}

    @property
    def tokens(self) -> list[str]:
        """The plain tokens of its questions, each the same in both links, as they stand in the mail."""
        return list(dict.fromkeys(match["token"] for match in _LINK.finditer(self.text)))

    @property
    def token(self) -> str:
        """The plain token of a mail of one question."""
        (token,) = self.tokens
        return token

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n") if isinstance(part, EmailMessage) else ""


@dataclass
class Rule:
    """What happens at a point, `times` times: wait until released, or answer something of the test's own."""

    point: Point
    recipient: str | None
    answer: str | None
    times: int
    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def wait_until_reached(self, seconds: float = 20) -> None:
        """Return once a session stands there."""
        assert self.reached.wait(seconds), f"no mail came to {self.point}"


class Peer:
    """The server. Rules apply to the sessions of one recipient, or of all; the first one that fits.

    `verbs` are answered instead of obeyed, `server` is aiosmtpd's own, a hook (`handle_MAIL`, ...) answers in
    place of that step of aiosmtpd's handler, `after_dot` once the whole message is here.
    `latency`: seconds between a message and the 250 that says so.
    """

    def __init__(
        self,
        verbs: dict[str, str] | None = None,
        server: dict[str, Any] | None = None,
        **hooks: Callable[..., Any],
    ) -> None:
        self.verbs = verbs or {}
        self.server = server or {}
        self.hooks = hooks
        self.accepted: list[Envelope] = []
        self.sessions: list[Session] = []
        """The session of each message in `accepted`."""
        self.port = free_port()
        self.mails: list[Mail] = []
        self.dropped: list[Mail] = []
        self.credentials: tuple[bytes, bytes] | None = None
        self.latency = 0.0
        self.transports: set[asyncio.BaseTransport] = set()
        self._rules: list[Rule] = []

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a driver that sends to this server."""
        return {"mail_driver": "smtp", "smtp_host": "127.0.0.1", "smtp_port": self.port}

    def hold(self, point: Point, recipient: str | None = None, times: int = 1) -> Rule:
        """Make the next sessions, so many, wait at this point until the rule is released."""
        return self._add(Rule(point, recipient, None, times))

    def reply(self, point: Point, answer: str, recipient: str | None = None, times: int = 1000) -> Rule:
        """Give this answer at this point instead of going on.

        At `accepted` the message is dropped then, and `<link>` in the answer becomes its first link.
        """
        rule = self._add(Rule(point, recipient, answer, times))
        rule.released.set()
        return rule

    def forget(self, rule: Rule) -> None:
        """Behave well from now on."""
        rule.released.set()
        rule.times = 0

    def to(self, recipient: str) -> list[Mail]:
        """What was accepted for this address, in order."""
        return [mail for mail in self.mails if mail.recipients == [recipient]]

    async def at(self, point: Point, recipient: str | None) -> str | None:
        """What a session at this point is to answer, once it may go on; None for the usual."""
        for rule in self._rules:
            if rule.point == point and rule.times > 0 and rule.recipient in (None, recipient):
                rule.times -= 1
                rule.reached.set()
                while not rule.released.is_set():  # noqa: ASYNC110  another thread's event
                    await asyncio.sleep(0.01)
                return rule.answer
        return None

    def release_all(self) -> None:
        """Let nobody wait any longer."""
        for rule in self._rules:
            rule.released.set()

    def _add(self, rule: Rule) -> Rule:
        self._rules.append(rule)
        return rule


class _Session(SMTP):
    """aiosmtpd's server, stopping where the peer's rules say so."""

    def __init__(self, *args: Any, peer: Peer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._peer = peer
        self._credentials = peer.credentials
        self._transports: list[asyncio.BaseTransport] = []
        for verb, answer in peer.verbs.items():
            self._smtp_methods[verb] = lambda _arg, answer=answer: self.push(answer)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transports.append(transport)  # with STARTTLS, the encrypted one on top of the first
        self._peer.transports.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            self.transport.close()
        self._peer.transports.difference_update(self._transports)
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        await self._peer.at("greeting", None)
        await super()._handle_client()

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802  aiosmtpd's name
        if self._peer.credentials != self._credentials:
            await self.push("530 5.7.0 the credentials have changed")
        else:
            await super().smtp_MAIL(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  aiosmtpd's name
        answer = await self._peer.at("data", self._recipient())
        if answer is not None:
            await self.push(answer)
        elif await self._peer.at("message", self._recipient()) == DROP:
            await self.push("354 go on")
            await self._reader.readline()
            cut(self.transport)
        else:
            await super().smtp_DATA(arg)

    def _recipient(self) -> str | None:
        return self.envelope.rcpt_tos[0] if self.envelope and self.envelope.rcpt_tos else None


def cut(transport: asyncio.BaseTransport | None) -> None:
    """End a connection without a word."""
    assert isinstance(transport, asyncio.WriteTransport)
    transport.abort()


class _Handler:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        vars(self).update(peer.hooks)  # aiosmtpd looks for handle_* by dir()

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = await self._peer.at("rcpt", address)
        if answer is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  as above
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self._peer.accepted.append(envelope)
        self._peer.sessions.append(session)
        content = envelope.original_content
        assert content is not None
        assert envelope.mail_from is not None
        message = message_from_bytes(content, EmailMessage, policy=policy.default)
        mail = Mail(envelope.mail_from, list(envelope.rcpt_tos), message)
        self._peer.mails.append(mail)
        if self._peer.latency:
            await asyncio.sleep(self._peer.latency)
        if "after_dot" in self._peer.hooks:
            said: str = await self._peer.hooks["after_dot"](server)
            return said
        answer = await self._peer.at("accepted", mail.recipients[0])
        if answer is None:
            return "250 OK"
        if answer == DROP:
            cut(server.transport)
            return "250 OK"
        self._peer.mails.remove(mail)
        self._peer.dropped.append(mail)
        return answer.replace("<link>", next(iter(_URL.findall(mail.text)), ""))


class _Controller(Controller):
    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        super().__init__(_Handler(peer), hostname="127.0.0.1", port=peer.port, **peer.server)

    def factory(self) -> SMTP:
        if self._peer.credentials is None:
            return _Session(self.handler, peer=self._peer, **self.SMTP_kwargs)
        signing_in = {"authenticator": self._authenticate, "auth_require_tls": False}
        return _Session(self.handler, peer=self._peer, **(self.SMTP_kwargs | signing_in))

    def _authenticate(
        self, _server: SMTP, _session: Any, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == self._peer.credentials, handled=False)


@contextmanager
def listening(peer: Peer) -> Iterator[Peer]:
    """Let the peer accept connections on its port."""
    controller = _Controller(peer)
    controller.start()
    try:
        yield peer
    finally:
        peer.release_all()
        for transport in list(peer.transports):
            controller.loop.call_soon_threadsafe(cut, transport)
        until(lambda: not peer.transports, "a session does not end")
        controller.stop()


@contextmanager
def smtp_peer(
    verbs: dict[str, str] | None = None, server: dict[str, Any] | None = None, **hooks: Any
) -> Iterator[Peer]:
    """A new peer that listens."""
    with listening(Peer(verbs, server, **hooks)) as peer:
        yield peer
