"""Settings, mails and misbehaving servers for the mail tests. Every server is real and local."""

import asyncio
import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.core.settings import Settings

TOKEN = "Zq3vX9_rT0kLw-8YbN2mCs5HdJ7fGp1AeUiOxQyWt4E"


def make_settings(**changes: Any) -> Settings:
    """Settings that read no file; a time-out long enough never to be met unless a test shortens it."""
    return Settings(_env_file=None, **{"mail_timeout_seconds": 10, **changes})


Act = Callable[[SMTP], Awaitable[str]]
"""What a server does in place of a step; what it returns is its answer."""


def answer(text: str) -> Act:
    """It answers so."""

    async def act(_server: SMTP) -> str:
        return text

    return act


async def hang_up(server: SMTP) -> str:
    """It ends the connection without an answer."""
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()
    return "250 OK"


async def stall(_server: SMTP) -> str:
    """It answers in half a minute."""
    await asyncio.sleep(30)
    return "250 OK"


class Peer(SMTP):
    """aiosmtpd's server with answers of its own; `verbs` are answered instead of obeyed."""

    def __init__(self, *args: Any, verbs: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for verb, answer in verbs.items():
            self._smtp_methods[verb] = lambda _arg, answer=answer: self.push(answer)


@dataclass
class Handler:
    """Keeps what it accepts; a hook given by a test answers in place of a step."""

    hooks: dict[str, Callable[..., Any]]
    accepted: list[Envelope] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    """The session of each mail in `accepted`."""
    mail_options: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # aiosmtpd looks for handle_* methods by dir().
        vars(self).update(self.hooks)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.accepted.append(envelope)
        self.sessions.append(session)
        self.mail_options = envelope.mail_options
        if "after_dot" in self.hooks:
            answer: str = await self.hooks["after_dot"](server)
            return answer
        return "250 OK"


class PeerController(Controller):
    """One peer on a free local port, in a thread of its own."""

    def __init__(self, handler: Handler, verbs: dict[str, str], **server: Any) -> None:
        self._verbs = verbs
        super().__init__(handler, hostname="127.0.0.1", port=free_port(), **server)

    def factory(self) -> SMTP:
        return Peer(self.handler, verbs=self._verbs, **self.SMTP_kwargs)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def smtp_peer(
    verbs: dict[str, str] | None = None, server: dict[str, Any] | None = None, **hooks: Any
) -> Iterator[tuple[dict[str, Any], Handler]]:
    """Yield (settings for this server, its handler)."""
    handler = Handler(hooks)
    controller = PeerController(handler, verbs or {}, **(server or {}))
    controller.start()
    try:
        yield {"mail_driver": "smtp", "smtp_host": "127.0.0.1", "smtp_port": controller.port}, handler
    finally:
        controller.stop()


@contextlib.contextmanager
def scripted_peer(*lines: bytes | None) -> Iterator[int]:
    """A server that answers each received line with the next of `lines`, the first unasked; None hangs up."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as received:
                for line in lines:
                    if line is None:
                        return
                    connection.sendall(line)
                    received.readline()
                received.read()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
    thread.join(2)


@pytest.fixture(scope="session")
def localhost_tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context for 127.0.0.1, and the certificate a client must trust for it."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl command to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "localhost.crt", folder / "localhost.key"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=mail"
    )
    subprocess.run(
        [
            *command.split(),
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            str(key),
            "-out",
            str(certificate),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context, certificate


@dataclass
class Resend:
    """A local stand-in for Resend: plays `answers` in order (the last one for ever), keeps the requests."""

    answers: list[Any]
    requests: list[dict[str, Any]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    url: str = ""


@contextlib.contextmanager
def resend_peer(*answers: Any) -> Iterator[Resend]:
    """Answers are (status, body bytes), "silent" (reads and never answers) or "drop" (reads and hangs up)."""
    peer = Resend(list(answers))

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            peer.requests.append({"path": self.path, "headers": self.headers, "body": body})
            answer = peer.answers.pop(0) if len(peer.answers) > 1 else peer.answers[0]
            if answer == "silent":
                peer.released.wait(5)
            if isinstance(answer, str):
                self.close_connection = True
                return
            status, content = answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    peer.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield peer
    finally:
        peer.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
