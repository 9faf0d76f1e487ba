"""`rubis backup`: one file that holds the database of Rubis.

A backup is pg_dump's custom format, of our schemas only. It is made and counted in one snapshot, read back
whole and compared with the counts before it gets its name, so a file that has its name is complete. It holds
what the database holds: hashes of tokens, never a token, but names, addresses and invoices. The database
notes when it was backed up.
"""

import contextlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from app.core.settings import Settings
from app.deploy import administrator
from app.deploy.administrator import SCHEMAS
from app.deploy.archive import BackupError, restoring, run
from app.postgres import processes

_NAMES = "rubis-????????T??????Z.dump"
_PARTIAL = ".partial"
_COPY = re.compile(rb"COPY ([^ ]+) \(.*\) FROM stdin;\n")
_END_OF_COPY = b"\\.\n"


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
            _note(settings.owner_conninfo(), path)
            return Backup(path, rows, _delete_older(folder, keep))
    except OSError as error:
        message = f"No backup was made: {error}."
        raise BackupError(message) from error


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
            run(
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
    with restoring(path, "--data-only") as lines:
        for line in lines:
            if match := _COPY.fullmatch(line):
                table = match[1].decode().replace('"', "")
                counted[table] = sum(1 for _ in takewhile(_END_OF_COPY.__ne__, lines))
    return counted


def _note(conninfo: str, path: Path) -> None:
    """Have the database note that it was backed up, so that status, doctor and metrics can tell."""
    try:
        with psycopg.connect(conninfo, application_name="rubis backup") as connection:
            connection.execute("set local role rubis_owner")
            administrator.value(connection, "select rubis.note_backup()")
    except psycopg.Error as error:
        message = f"{path} is complete, but the database could not note it: {str(error).strip()}"
        raise BackupError(message) from error


def _delete_older(folder: Path, keep: int | None) -> list[Path]:
    """All but the newest; the names sort by time."""
    older = sorted(folder.glob(_NAMES))[:-keep] if keep else []
    for path in older:
        path.unlink()
    return older
