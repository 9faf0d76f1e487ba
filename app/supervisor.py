"""`rubis up`: PostgreSQL (ours unless DATABASE_URL or PG_HOST is set), API, worker and web as one unit.

One signal stops all parts. If one part dies, the others stop; if this process is killed, all of them stop.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

import click
from pydantic import SecretStr

from app.core.settings import Settings
from app.deploy.migrate import migrate
from app.postgres.embedded import EmbeddedPostgres
from app.postgres.guard import Guard

_STOP_SECONDS = 15  # what a worker gets to finish the mail in hand
_START_SECONDS = 60
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared with, not bound to


class StackError(RuntimeError):
    """The stack could not start, or a part of it died; the message names it."""


class StopRequested(BaseException):
    """SIGINT or SIGTERM arrived; like KeyboardInterrupt, it is no error."""


class Stack:
    """All processes of a running Rubis. A context manager: inside it, everything runs.

    `say` gets one line per step. From `start` to `stop`, SIGINT and SIGTERM make the next `check` or `wait`
    raise StopRequested; a second signal raises it at once.
    """

    def __init__(self, settings: Settings, say: Callable[[str], None] = click.echo) -> None:
        changes = {"rubis_data_dir": settings.rubis_data_dir.resolve(), "port": settings.port or _any_port()}
        self.settings = settings.model_copy(update=changes)
        self._say = say
        self._postgres = EmbeddedPostgres(self.settings.rubis_data_dir) if settings.embedded else None
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._guard: Guard | None = None
        self._handlers: dict[signal.Signals, Any] = {}
        self._signals = 0
        self._stopping = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and return when the API and the web pages answer.

        Raises StackError, StopRequested, MigrationError, EmbeddedError and UnreachableError.
        """
        self._catch_signals()
        try:
            if self._postgres is not None:
                self._postgres.start()
                self._say(f"PostgreSQL runs in {self._postgres.home}")
            self._check_ports()
            self.check()
            for step in migrate(self.settings):
                self._say(f"Migration: {step}")
            self._guard = Guard()
            for name in ("api", "worker", *(["web"] if self.settings.web_port else [])):
                self.check()
                self._spawn(name)
            self._wait_until_answering()
        except BaseException:
            self.stop()
            raise

    def check(self) -> None:
        """Raise StopRequested if a signal came, StackError if a part of the stack has died."""
        if self._signals:
            raise StopRequested
        postgres = self._postgres
        if postgres is not None and (code := postgres.exit_code()) is not None:
            message = f"PostgreSQL {_ended(code)}; everything stops. Its log ends:\n{postgres.log_tail()}"
            raise StackError(message)
        for name, child in self._children.items():
            if (code := child.poll()) is not None:
                message = f"rubis {name} (process {child.pid}) {_ended(code)}; everything stops."
                raise StackError(message)

    def wait(self) -> None:
        """Check until there is a reason to raise."""
        while True:
            self.check()
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop everything: TERM, 15 s to finish what is in hand, KILL; then PostgreSQL's fast shutdown."""
        self._stopping = True
        for child in self._children.values():
            child.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for name, child in self._children.items():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"rubis {name} has not stopped in {_STOP_SECONDS} s and is killed.")
                child.kill()
                child.wait()
        self._children.clear()
        if self._postgres is not None:
            self._postgres.stop()
        if self._guard is not None:
            self._guard.release()
            self._guard = None
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers.clear()

    def _catch_signals(self) -> None:
        def note(_number: int, _frame: FrameType | None) -> None:
            self._signals += 1
            if self._signals > 1 and not self._stopping:
                raise StopRequested

        for number in (signal.SIGINT, signal.SIGTERM):
            self._handlers[number] = signal.signal(number, note)

    def _check_ports(self) -> None:
        settings = self.settings
        for name, host, port in (
            ("PORT", settings.host, settings.port),
            ("WEB_URL", settings.host, settings.web_port),
            ("API_METRICS_PORT", settings.metrics_host, settings.api_metrics_port),
            ("WORKER_METRICS_PORT", settings.metrics_host, settings.worker_metrics_port),
        ):
            if port is None:
                continue
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((host, port))
                except OSError as error:
                    message = (
                        f"Port {port} of {host} cannot be used: {error.strerror}. Free it, or set {name}."
                    )
                    raise StackError(message) from error

    def _spawn(self, name: str) -> None:
        assert self._guard is not None
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "app.cli", name],  # -P: no `app` of the current folder
            env=os.environ | environment(self.settings),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # a terminal's Ctrl-C is for us alone; we stop them in order
        )
        self._children[name] = child
        self._guard.watch(child.pid, "TERM")

    def _wait_until_answering(self) -> None:
        host = _WILDCARDS.get(self.settings.host, self.settings.host)
        deadline = time.monotonic() + _START_SECONDS
        for name, port in (("api", self.settings.port), ("web", self.settings.web_port)):
            while port is not None and not _listens(host, port):
                self.check()
                if time.monotonic() > deadline:
                    message = f"rubis {name} does not listen on port {port} after {_START_SECONDS} s."
                    raise StackError(message)
                time.sleep(0.05)


def up(settings: Settings, say: Callable[[str], None] = click.echo) -> None:
    """Run the stack until SIGINT or SIGTERM. Raises what `Stack.start` and `check` do otherwise."""
    try:
        with Stack(settings, say) as stack:
            for line in _addresses(stack):
                say(line)
            stack.wait()
    except StopRequested:
        say("Stopped.")


def environment(settings: Settings) -> dict[str, str]:
    """The settings as the variables they are read from, for a process of our own."""
    return {
        name.upper(): _text(getattr(settings, name))
        for name in type(settings).model_fields
        if getattr(settings, name) is not None
    }


def _text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(value) if isinstance(value, list) else str(value)


def _addresses(stack: Stack) -> list[str]:
    settings = stack.settings
    mail = {
        "file": f"{settings.outbox_dir}   (rubis outbox)",
        "smtp": f"by SMTP to {settings.smtp_host}:{settings.smtp_port}",
        "resend": "by Resend",
    }
    return [
        "",
        f"  Rubis     {settings.web_url}" + ("" if settings.web_port else "   (served elsewhere)"),
        f"  API       {settings.public_url}/api/v1   (documented at {settings.public_url}/docs)",
        f"  Database  rubis psql{'' if settings.embedded else '   (your server)'}",
        f"  Mail      {mail[settings.mail_driver]}",
        "",
        "Ctrl-C stops everything.",
    ]


def _ended(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
