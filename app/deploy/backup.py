"""`rubis backup` and `rubis restore`: one file that holds the database of Rubis, and back.

A backup is pg_dump's custom format, of our schemas only. It is made and counted in one snapshot, read back
whole and compared with the counts before it gets its name, so a file that has its name is complete. It holds
what the database holds: hashes of tokens, never a token, but names, addresses and invoices.

A restore is one transaction. It leaves out owners and privileges, which `rubis migrate` gives again, and so
needs no role of the server that the backup came from.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.core.settings import Settings
from app.deploy import administrator
from app.deploy.administrator import SCHEMAS
from app.deploy.deployment import Release
from app.deploy.migrate import migrate
from app.postgres import processes
from app.postgres.guard import Guard
from app.postgres.wheel import client_program

_NAMES = "rubis-????????T??????Z.dump"
_PARTIAL = ".partial"
_COPY = re.compile(rb"COPY ([^ ]+) \(.*\) FROM stdin;\n")
_END_OF_COPY = b"\\.\n"
_LISTED = re.compile(r"^\d+; \d+ \d+ SCHEMA - (\S+)", re.MULTILINE)
_MADE = re.compile(r"^; Archive created at (.+)$", re.MULTILINE)
_TRANSACTION_TIMEOUT = b"SET transaction_timeout = 0;\n"  # pg_restore writes it for every server
_TRANSACTION_TIMEOUT_SINCE = 170000


class BackupError(RuntimeError):
    """No backup was made, or nothing was restored; the message says why and what to do."""


@dataclass(frozen=True)
class Backup:
    """A backup that was read back, how many rows it holds, and the older ones that were deleted for it."""

    path: Path
    rows: int
    deleted: list[Path]


def back_up(settings: Settings, folder: Path, keep: int | None = None) -> Backup:
    """Write a backup into this folder; then delete all but the newest `keep`, if that is given.

    The file has mode 0600. Raises BackupError; the backups that are there already stay.
    """
    folder = folder.resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder):
            for leftover in folder.glob(_NAMES + _PARTIAL):
                leftover.unlink()
            path = folder / f"rubis-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.dump"
            partial = path.with_name(path.name + _PARTIAL)
            try:
                rows = _dump(settings.owner_conninfo(), partial)
                partial.replace(path)
            finally:
                partial.unlink(missing_ok=True)
            processes.sync(folder)
            return Backup(path, rows, _delete_older(folder, keep))
    except OSError as error:
        message = f"No backup was made: {error}."
        raise BackupError(message) from error


def restore(settings: Settings, path: Path, *, replace: bool = False) -> list[str]:
    """Put a backup into the database, bring it to this release, and return what was done, one line each.

    A database that has our schemas is refused; with `replace` they are dropped first, in the transaction that
    restores. Raises BackupError: nothing was changed. Raises MigrationError: the backup is in the database,
    and this release does not fit it.
    """
    made_at = _inspect(path)
    conninfo = settings.owner_conninfo()
    release = Release()
    try:
        with psycopg.connect(conninfo, application_name="rubis restore") as connection:
            administrator.refuse_unfit_server(connection)
            _refuse_in_use(connection)
            existing = administrator.existing_schemas(connection)
            if existing and not replace:
                message = (
                    f"The database is not empty: it has {', '.join(existing)}. Restore into an empty "
                    "database or, to lose what is in this one, with --replace. Nothing was changed."
                )
                raise BackupError(message)
            passwords = administrator.role_passwords(settings)
            done = administrator.create_roles(connection, release, passwords)
            older = connection.info.server_version < _TRANSACTION_TIMEOUT_SINCE
    except psycopg.Error as error:
        message = f"The database cannot be reached: {str(error).strip()}"
        raise BackupError(message) from error
    _load(conninfo, path, dropping=existing, without_transaction_timeout=older)
    return [*done, f"restored {path}, made at {made_at}", *migrate(settings, release)]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of this folder: what is partial and not ours was left by a process that died."""
    try:
        lock = processes.acquire(folder / ".lock")
    except processes.HeldError as error:
        message = f"Another backup into {folder} runs (process {error}). No backup was made."
        raise BackupError(message) from None
    with lock:
        yield


def _dump(conninfo: str, path: Path) -> int:
    """Dump our schemas to this new file; return how many rows it holds, having read all of them."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with psycopg.connect(conninfo, application_name="rubis backup") as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            if not administrator.existing_schemas(connection):
                message = "There is nothing to back up: run `rubis migrate` first."
                raise BackupError(message)
            snapshot = administrator.value(connection, "select pg_export_snapshot()")
            options = [f"--schema={schema}" for schema in SCHEMAS]
            _run(
                "pg_dump",
                ["--format=custom", f"--snapshot={snapshot}", "--role=rubis_owner", *options],
                ["--no-password", f"--file={path}"],
                conninfo=conninfo,
            )
            expected = _count_in_database(connection)
    except psycopg.Error as error:
        message = f"No backup was made: {str(error).strip()}"
        raise BackupError(message) from error
    found = _count_in_file(path)
    if found != expected:
        tables = sorted(
            name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name)
        )
        message = (
            f"No backup was made: the file does not hold what the database does, in {', '.join(tables)}."
        )
        raise BackupError(message)
    with path.open("rb") as written:
        os.fsync(written.fileno())
    return sum(found.values())


def _count_in_database(connection: psycopg.Connection[Any]) -> Mapping[str, int]:
    """Rows by table, in the snapshot of the dump."""
    connection.execute("set local role rubis_owner")
    tables = connection.execute(
        "select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        " where c.relkind = 'r' and n.nspname = any (%s)",
        [SCHEMAS],
    ).fetchall()
    counting = sql.SQL("select count(*) from {}")
    return {
        f"{schema}.{table}": (
            connection.execute(counting.format(sql.Identifier(schema, table))).fetchone() or (0,)
        )[0]
        for schema, table in tables
    }


def _count_in_file(path: Path) -> Mapping[str, int]:
    """Rows by table, by reading the whole file as a restore does."""
    counted: Counter[str] = Counter()
    with _restoring(path, "--data-only") as lines:
        for line in lines:
            if match := _COPY.fullmatch(line):
                table = match[1].decode().replace('"', "")
                counted[table] = sum(1 for _ in takewhile(_END_OF_COPY.__ne__, lines))
    return counted


def _delete_older(folder: Path, keep: int | None) -> list[Path]:
    """All but the newest; the names sort by time."""
    older = sorted(folder.glob(_NAMES))[:-keep] if keep else []
    for path in older:
        path.unlink()
    return older


def _inspect(path: Path) -> str:
    """When this backup was made. Raises BackupError if it is not one of ours."""
    if not path.is_file():
        message = f"There is no file {path}. Nothing was changed."
        raise BackupError(message)
    listed = _run("pg_restore", ["--list", str(path)])
    if not set(SCHEMAS) <= set(_LISTED.findall(listed)):
        message = f"{path} is not a backup of Rubis. Nothing was changed."
        raise BackupError(message)
    made = _MADE.search(listed)
    return made[1] if made else "an unknown time"


def _refuse_in_use(connection: psycopg.Connection[Any]) -> None:
    """A process of ours would wait for the restore, or go on with what is no longer there."""
    sessions = administrator.value(
        connection,
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and usename in ('rubis_api', 'rubis_worker')",
    )
    if sessions:
        message = (
            f"The API or a worker uses this database ({sessions} sessions): stop them first. "
            "Nothing was changed."
        )
        raise BackupError(message)


def _load(conninfo: str, path: Path, *, dropping: Sequence[str], without_transaction_timeout: bool) -> None:
    """Feed the backup to psql as rubis_owner, in one transaction, which ends only if all of it was read."""
    options = conninfo_to_dict(conninfo).get("options") or ""
    owner = make_conninfo(
        conninfo, options=f"{options} -c role=rubis_owner -c client_min_messages=warning".strip()
    )
    arguments = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password"]
    with (
        tempfile.TemporaryFile() as said,
        _program(
            "psql", arguments, owner, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
        ) as psql,
    ):
        assert psql.stdin is not None
        with contextlib.suppress(BrokenPipeError), psql.stdin as script:
            script.write(b"begin;\n")
            if dropping:
                script.write(f"drop schema {', '.join(dropping)} cascade;\n".encode())
            with _restoring(path, "--no-owner", "--no-privileges") as lines:
                # Within the file's head: nothing that a user wrote comes before the first schema.
                for line in lines:
                    if not (without_transaction_timeout and line == _TRANSACTION_TIMEOUT):
                        script.write(line)
                    if line.startswith(b"CREATE SCHEMA"):
                        break
                shutil.copyfileobj(lines, script)
            script.write(b"commit;\n")
        if psql.wait() != 0:
            said.seek(0)
            message = f"Nothing was restored: {said.read().decode(errors='replace').strip()}"
            raise BackupError(message)


@contextlib.contextmanager
def _restoring(path: Path, *options: str) -> Iterator[IO[bytes]]:
    """The backup as SQL. At the end: raises BackupError if pg_restore could not read it."""
    arguments = [*options, "--file=-", str(path)]
    with (
        tempfile.TemporaryFile() as said,
        _program("pg_restore", arguments, stdout=subprocess.PIPE, stderr=said) as process,
    ):
        assert process.stdout is not None
        yield process.stdout
        process.stdout.close()
        if process.wait() != 0:
            said.seek(0)
            message = f"{path} cannot be read: {said.read().decode(errors='replace').strip()}"
            raise BackupError(message)


def _run(name: str, *arguments: Sequence[str], conninfo: str | None = None) -> str:
    """Run a program of PostgreSQL's to its end; what it printed. Raises BackupError with what it said."""
    flat = [argument for group in arguments for argument in group]
    with _program(name, flat, conninfo, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        printed, said = process.communicate()
    if process.returncode != 0:
        message = f"{name} failed: {said.decode(errors='replace').strip()}"
        raise BackupError(message)
    return str(printed.decode())


@contextlib.contextmanager
def _program(
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
