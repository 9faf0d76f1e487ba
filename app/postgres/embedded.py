"""PostgreSQL from a Python wheel, for a machine without a server. All its state is in one folder.

    <data dir>/up.lock             held by the one process that runs the server
    <data dir>/postgres/           owned by the server's account, closed to others
    <data dir>/postgres/cluster/   PGDATA
    <data dir>/postgres/socket/    the Unix socket, the only access, so authentication is `trust`
    <data dir>/postgres/server.log

It is as durable as any PostgreSQL: fsync is on unless the caller's options switch it off, as tests do.
"""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self, TextIO

import psycopg
from psycopg import sql

from app.core.address import DATABASE, PORT, SUPERUSER, conninfo, home_folder, socket_folder
from app.postgres import processes
from app.postgres.guard import Guard
from app.postgres.unprivileged import Account, account_for
from app.postgres.wheel import DEFAULT_MAJOR, EmbeddedError, major_of, program_folder

_START_ATTEMPTS = 6  # backends of a server that was killed may hold its shared memory for a moment
_RECOVERY_SECONDS = 600
_STOP_SECONDS = 60
_LOG_LIMIT = 20_000_000  # bytes; then a new log is started and one old one kept


class AlreadyRunningError(EmbeddedError):
    """Another process runs the server of this data directory."""


def is_running(data_dir: Path) -> bool:
    """Whether the server of this data directory answers. Raises EmbeddedError if it is another user's."""
    home = home_folder(data_dir)
    if home.exists() and not os.access(home, os.X_OK):
        message = f"{home} belongs to user {home.stat().st_uid}: run as that user."
        raise EmbeddedError(message)
    try:
        psycopg.connect(conninfo(data_dir), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


class EmbeddedPostgres:
    """One server over one data directory. It stops when this process ends, also by `kill -9`.

    `options` are server settings (`{"fsync": "off"}`). `major` is the version of a new cluster; an existing
    one keeps its own. A context manager.
    """

    def __init__(
        self, data_dir: Path, major: int = DEFAULT_MAJOR, options: Mapping[str, str] | None = None
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.options = dict(options or {})
        self.home = home_folder(data_dir)
        self.cluster = self.home / "cluster"
        self.log_file = self.home / "server.log"
        self.bindir = program_folder(major_of(self.cluster) or major)
        self._account: Account | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None
        self._lock: TextIO | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def account(self) -> Account:
        """The account that runs the server. Raises app.postgres.unprivileged.UnreachableError without one."""
        if self._account is None:
            self._account = account_for(self.home, self.bindir)
        return self._account

    def conninfo(self, user: str = SUPERUSER, dbname: str = DATABASE) -> str:
        """A libpq connection string; the superuser's by default."""
        return conninfo(self.data_dir, user, dbname)

    def start(self) -> None:
        """Start the server, making its cluster and its database first if need be, and return once it answers.

        A server whose own `rubis up` was killed is stopped first. Raises AlreadyRunningError, EmbeddedError,
        app.postgres.unprivileged.UnreachableError.
        """
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            self._lock = processes.acquire(self.data_dir / "up.lock")
            self._prepare_folders()
        except processes.HeldError as error:
            message = (
                f"{self.data_dir} is used by another rubis (process {error}): stop it, or set RUBIS_DATA_DIR."
            )
            raise AlreadyRunningError(message) from None
        except OSError as error:
            self.stop()
            message = f"The data directory {self.data_dir} cannot be used: {error}."
            raise EmbeddedError(message) from error
        except BaseException:
            self.stop()
            raise
        try:
            self._stop_stray()
            if not self.cluster.exists():
                self._initialize()
            self._launch()
            self._create_database()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server by its fast shutdown (sessions end, nothing is lost); free the data directory."""
        if self._server is not None:
            for how, patience in (
                (signal.SIGINT, _STOP_SECONDS),
                (signal.SIGQUIT, 10),
                (signal.SIGKILL, None),
            ):
                self._server.send_signal(how)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._server.wait(patience)
                    break
            self._server = None
        if self._guard is not None:
            self._guard.release()
            self._guard = None
        if self._lock is not None:
            if not (folder := socket_folder(self.data_dir)).is_relative_to(self.home):
                with contextlib.suppress(OSError):  # in the temporary folder: nothing of ours stays there
                    folder.rmdir()
            self._lock.close()
            self._lock = None

    def exit_code(self) -> int | None:
        """None while the server runs, else how it ended (negative: the signal)."""
        return self._server.poll() if self._server is not None else 0

    def log_tail(self, lines: int = 8) -> str:
        """The server's last words."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def _prepare_folders(self) -> None:
        if self.log_file.exists() and self.log_file.stat().st_size > _LOG_LIMIT:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        account = self.account
        for folder in (self.home, socket_folder(self.data_dir)):
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
                if account.switch:
                    os.chown(folder, account.uid, account.gid)
            found = folder.lstat()
            if (
                found.st_uid == 0 and account.switch and folder == self.home
            ):  # we died between mkdir and chown
                os.chown(folder, account.uid, account.gid)
            elif not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
                message = f"{folder} should be a folder of user {account.uid}'s with mode 0700, and is not."
                raise EmbeddedError(message)

    def _initialize(self) -> None:
        """Make the cluster under another name, so that an interruption leaves no half-made cluster."""
        for leftover in self.home.glob("cluster.*"):
            shutil.rmtree(leftover)
        new = self.home / "cluster.new"
        if self.bindir == program_folder(18):
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        else:
            locale = ["--locale=C.UTF-8"]
        durable = [] if self.options.get("fsync") != "off" else ["--no-sync"]
        code, printed = self.account.run(
            [
                *(self.bindir / "initdb", "--pgdata", new, "--username", SUPERUSER, "--auth=trust"),
                *("--encoding=UTF8", *locale, "--data-checksums", "--no-instructions", *durable),
            ]
        )
        if code != 0:
            message = f"initdb failed: {printed}"
            raise EmbeddedError(message)
        new.rename(self.cluster)
        processes.sync(self.home)

    def _launch(self) -> None:
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(socket_folder(self.data_dir)),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %u@%d ",
            **self.options,
        }
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        for attempt in range(1, _START_ATTEMPTS + 1):
            self._guard = self._guard or Guard()
            with self.log_file.open("ab") as log:
                self._server = self.account.popen(
                    [self.bindir / "postgres", "-D", self.cluster, *arguments],
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            self._guard.watch(self._server.pid, "INT")
            if self._wait_until_ready():
                return
            if attempt < _START_ATTEMPTS:
                time.sleep(0.5 * attempt)
        message = f"PostgreSQL does not start; the end of {self.log_file} says:\n{self.log_tail()}"
        raise EmbeddedError(message)

    def _wait_until_ready(self) -> bool:
        """True once the server answers, false if it ended. Recovery after a crash may take minutes."""
        deadline = time.monotonic() + _RECOVERY_SECONDS
        while self.exit_code() is None:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.conninfo(dbname="postgres"), connect_timeout=5).close()
                return True
            if time.monotonic() > deadline:
                message = f"PostgreSQL has not become ready in {_RECOVERY_SECONDS} s; see {self.log_file}."
                raise EmbeddedError(message)
            time.sleep(0.02)
        return False

    def _create_database(self) -> None:
        with psycopg.connect(self.conninfo(dbname="postgres"), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))

    def _stop_stray(self) -> None:
        """Stop a server that an earlier `rubis up` left: we hold the lock, so that process has ended."""
        pid_file = self.cluster / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        if processes.is_postmaster(pid, self.cluster):
            code, printed = self.account.run(
                [
                    self.bindir / "pg_ctl",
                    "stop",
                    "-w",
                    "-m",
                    "fast",
                    "-t",
                    str(_STOP_SECONDS),
                    "-D",
                    self.cluster,
                ]
            )
            if code != 0 and processes.is_postmaster(pid, self.cluster):
                message = (
                    f"Process {pid}, a PostgreSQL left behind in {self.cluster}, does not stop: {printed}"
                )
                raise EmbeddedError(message)
        elif processes.exists(pid):
            # After a reboot the number may be another program's, which PostgreSQL takes for a running server.
            pid_file.unlink(missing_ok=True)
            (socket_folder(self.data_dir) / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
