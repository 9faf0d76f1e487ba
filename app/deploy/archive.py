"""A backup's file as SQL, and the programs of PostgreSQL that write, read and load it."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.postgres.guard import Guard
from app.postgres.wheel import client_program


class BackupError(RuntimeError):
    """No backup was made, or nothing was restored; the message says why and what to do."""


@contextlib.contextmanager
def restoring(path: Path, *options: str) -> Iterator[IO[bytes]]:
    """The backup as SQL. At the end: raises BackupError if pg_restore could not read it."""
    arguments = [*options, "--file=-", str(path)]
    with (
        tempfile.TemporaryFile() as said,
        program("pg_restore", arguments, stdout=subprocess.PIPE, stderr=said) as process,
    ):
        assert process.stdout is not None
        yield process.stdout
        process.stdout.close()
        if process.wait() != 0:
            said.seek(0)
            message = f"{path} cannot be read: {said.read().decode(errors='replace').strip()}"
            raise BackupError(message)


def run(name: str, *arguments: Sequence[str], conninfo: str | None = None) -> str:
    """Run a program of PostgreSQL's to its end; what it printed. Raises BackupError with what it said."""
    flat = [argument for group in arguments for argument in group]
    with program(name, flat, conninfo, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        printed, said = process.communicate()
    if process.returncode != 0:
        message = f"{name} failed: {said.decode(errors='replace').strip()}"
        raise BackupError(message)
    return str(printed.decode())


@contextlib.contextmanager
def program(
    name: str, arguments: Sequence[str], conninfo: str | None = None, **streams: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """A program of PostgreSQL's that does not outlive us. Its password is in its environment."""
    environment, rest = dict(os.environ), []
    if conninfo is not None:
        parts = conninfo_to_dict(conninfo)
        if password := parts.pop("password", None):
            environment["PGPASSWORD"] = str(password)
        rest = ["--dbname", make_conninfo("", **parts)]
    guard = Guard()
    try:
        process = subprocess.Popen(
            [client_program(name), *arguments, *rest], env=environment, start_new_session=True, **streams
        )
        guard.watch(process.pid, "TERM")
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
            process.wait()
    finally:
        guard.release()
