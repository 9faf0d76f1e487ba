"""`rubis up`: PostgreSQL (ours unless DATABASE_URL or PG_HOST is set), migrations, API, worker and web as one unit.

One signal stops all of it; one that dies takes the rest down; whatever happens to this process, nothing lingers.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Self
from urllib.parse import urlsplit

import click
import httpx2 as httpx  # placeholder
from pydantic import SecretStr

from app.embedded import EmbeddedPostgres
from app.guard import Guard
from app.migrate import migrate
from app.settings import Settings

_STOP_SECONDS = 15  # what a worker gets to finish the mail in hand
_START_SECONDS = 60
_LOCAL = ("localhost", "127.0.0.1", "::1")


class StackError(RuntimeError):
    """The stack could not start, or a part of it died; the message names it."""


class StopRequested(BaseException):  # noqa: N818  like KeyboardInterrupt, it is no error
    """SIGINT or SIGTERM came."""


class Stack:
    """All processes of a running Rubis. A context manager: inside, everything runs.

    `say` gets one line per step. SIGINT and SIGTERM are caught from `start` to `stop`: they make the next `check` or `wait`
    raise StopRequested; a second one raises it at once.
    """

    def __init__(self, settings: Settings, say: Callable[[str], None] = click.echo) -> None:
        self.settings = settings.model_copy(update={"rubis_data_dir": settings.rubis_data_dir.resolve()})
        self._say = say
        self._postgres = EmbeddedPostgres(self.settings.rubis_data_dir) if settings.embedded else None
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._guard: Guard | None = None
        self._handlers: dict[int, object] = {}
        self._stop_requested = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything and return when the API and the web pages answer.

        Raises StackError, StopRequested, app.embedded.EmbeddedError, app.migrate.MigrationError.
        """
        self._catch_signals()
        try:
            self._check_ports()
            if self._postgres is not None:
                self._postgres.start()
                self._say(f"PostgreSQL  {self._postgres.data_dir / 'postgres'}")
            self.check()
            for step in migrate(self.settings):
                self._say(f"migrate     {step}")
            self._guard = Guard()
            for name in ("api", "worker", *(["web"] if self.web_port else [])):
                self.check()
                self._spawn(name)
            self._wait_until_answering()
        except BaseException:
            self.stop()
            raise

    def check(self) -> None:
        """Raise StopRequested if a signal came, StackError if a part of the stack has died."""
        if self._stop_requested:
            raise StopRequested
        for name, child in self._children.items():
            if (code := child.poll()) is not None:
                message = f"rubis {name} (process {child.pid}) {_ended(code)}; stopping everything."
                raise StackError(message)
        if self._postgres is not None and (code := self._postgres.exit_code()) is not None and self._children:
            message = f"PostgreSQL {_ended(code)}; stopping everything. Its log ends:\n{self._postgres.log_tail()}"
            raise StackError(message)

    def wait(self) -> None:
        """Check until there is a reason to raise."""
        while True:
            self.check()
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop everything: TERM, 15 s to finish what is in hand, KILL; then PostgreSQL's fast shutdown."""
        for child in self._children.values():
            child.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for name, child in self._children.items():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"rubis {name} has not stopped in {_STOP_SECONDS} s: killed.")
                child.kill()
                child.wait()
        self._children.clear()
        if self._postgres is not None:
            self._postgres.stop()
        if self._guard is not None:
            self._guard.release()
            self._guard = None
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal gave us
        self._handlers.clear()

    @property
    def web_port(self) -> int | None:
        """Where to serve the result pages: the port of WEB_URL, unless that is another machine's."""
        url = urlsplit(self.settings.web_url)
        return (url.port or 80) if url.scheme == "http" and url.hostname in _LOCAL else None

    def _check_ports(self) -> None:
        wanted = [("PORT", self.settings.port), *([("WEB_URL", self.web_port)] if self.web_port else [])]
        for name, port in wanted:
            with socket.socket(socket.AF_INET6 if ":" in self.settings.host else socket.AF_INET) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((self.settings.host, port))
                except OSError as error:
                    message = f"Port {port} of {self.settings.host} cannot be used ({error.strerror}): free it, or set {name}."
                    raise StackError(message) from error

    def _spawn(self, name: str) -> None:
        assert self._guard is not None
        child = subprocess.Popen(
            [sys.executable, "-m", "app.cli", name],
            env=os.environ | environment(self.settings),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # a terminal's Ctrl-C is for us alone; we stop them in order
        )
        self._children[name] = child
        self._guard.watch(child.pid, "TERM")

    def _wait_until_answering(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        for name, port in (("api", self.settings.port), ("web", self.web_port)):
            while port and not _answers(self.settings.host, port):
                self.check()
                if time.monotonic() > deadline:
                    message = f"rubis {name} does not answer on port {port} after {_START_SECONDS} s."
                    raise StackError(message)
                time.sleep(0.05)

    def _catch_signals(self) -> None:
        def note(_number: int, _frame: FrameType | None) -> None:
            if self._stop_requested and not self._stopping:
                raise StopRequested
            self._stop_requested = True
