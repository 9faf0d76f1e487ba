"""Bring a database to this release: roles, queue, migrations, functions, for `rubis migrate` and `rubis up`.

pgmigrate applies the migrations. This module adds what pgmigrate does not do: it takes a lock, deploys
functions when no migration is pending, and notices that an applied file was changed. All of it is one
transaction as rubis_owner, after one as the administrator that makes the roles. A failure changes nothing.
"""

import contextlib
import json
import logging
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pgmigrate
import psycopg
import psycopg2
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.core.settings import Settings
from app.deploy import administrator
from app.deploy.administrator import MigrationError
from app.deploy.deployment import Release

_LOCK_KEY = 0x7275626973  # "rubis"
_LOCK_PATIENCE = 600.0  # seconds to wait for another `rubis migrate`
_ATTEMPTS = 20
_PAUSE = 1.0  # seconds between attempts
_GIVE_WAY = ("55P03", "40P01")  # lock_not_available, deadlock_detected
_CANNOT_REPLACE = "42P13"  # invalid_function_definition: create or replace with another return type


def migrate(target: Settings | str, release: Release | None = None) -> list[str]:
    """Bring the database to `release` (this one) and return what was done, one line each.

    `target` is the settings, or a connection string of an administrator: a superuser, or a role with
    CREATEROLE that owns the database. From Settings, new roles also get the passwords of API_DATABASE_URL
    and WORKER_DATABASE_URL; an existing role's is never touched. Safe to run twice, and by several
    processes at once. Raises MigrationError.
    """
    release = release or Release()
    conninfo = target.owner_conninfo() if isinstance(target, Settings) else target
    passwords = administrator.role_passwords(target) if isinstance(target, Settings) else {}
    try:
        with _alone(conninfo):
            done = administrator.prepare(conninfo, release, passwords)
            done += _upgrade_queue(conninfo, release)
            return done + _apply_patiently(conninfo, release)
    except psycopg.OperationalError as error:
        message = f"The database cannot be reached: {str(error).strip()}"
        raise MigrationError(message) from error
    except psycopg.Error as error:
        message = (
            f"Preparing the migration failed; our tables and functions are as they were. {_first_line(error)}"
        )
        raise MigrationError(message) from error


@contextlib.contextmanager
def _alone(conninfo: str) -> Iterator[None]:
    """Hold a lock that another `rubis migrate` on this database waits for.

    It tries repeatedly: a session that waits in pg_advisory_lock holds a snapshot, and `create index
    concurrently` would wait for the end of that snapshot.
    """
    deadline = time.monotonic() + _LOCK_PATIENCE
    with psycopg.connect(conninfo, autocommit=True, application_name="rubis migrate: lock") as connection:
        while not administrator.value(connection, "select pg_try_advisory_lock(%s)", _LOCK_KEY):
            if time.monotonic() > deadline:
                message = f"Another `rubis migrate` has run for {_LOCK_PATIENCE:.0f} s: see pg_stat_activity."
                raise MigrationError(message)
            time.sleep(0.1)
        yield


def _apply_patiently(conninfo: str, release: Release) -> list[str]:
    """Apply, and give way to live sessions. If a function cannot be replaced, drop all and apply again."""
    redeploy = "replace"
    for attempt in range(1, _ATTEMPTS + 1):
        with _failing_file() as files:
            try:
                return _apply(conninfo, release, redeploy)
            except (pgmigrate.MigrateError, psycopg2.Error) as error:
                cause = _database_error(error)
                state = cause.pgcode if cause is not None else None
                if state == _CANNOT_REPLACE and redeploy == "replace":
                    redeploy = "drop"
                elif state in _GIVE_WAY and attempt < _ATTEMPTS:
                    time.sleep(_PAUSE)
                else:
                    raise MigrationError(_explain(error, files)) from error
    raise AssertionError


def _apply(conninfo: str, release: Release, redeploy: str) -> list[str]:
    """Queue, migrations and functions in one transaction as rubis_owner."""
    config = pgmigrate.get_config(
        str(release.folder),
        Namespace(target="latest", base_dir=str(release.folder), conn=_as_owner(conninfo)),
    )
    with closing(config.conn_instance):
        cursor = config.cursor
        cursor.execute("select set_config('rubis.redeploy', %s, true)", [redeploy])
        deploying = json.dumps([asdict(component) for component in release.components()])
        cursor.execute("select set_config('rubis.deploying', %s, true)", [deploying])
        done = _install_queue(cursor, release)
        pending = [path for number, path in release.migrations.items() if number not in _applied(cursor)]
        if pending:
            pgmigrate.migrate(config)
        else:
            for path in config.callbacks.afterAll:
                pgmigrate._apply_file(path, cursor)  # noqa: SLF001  as its migrate() would
            config.conn_instance.commit()
    return [*done, *(f"applied {path.name}" for path in pending), "deployed the functions"]


def _applied(cursor: Any) -> set[int]:
    cursor.execute("select to_regclass('rubis.schema_version') is not null")
    if not cursor.fetchone()[0]:
        return set()
    cursor.execute("select version from rubis.schema_version")
    return {row[0] for row in cursor.fetchall()}


def _install_queue(cursor: Any, release: Release) -> list[str]:
    """Procrastinate's whole schema, if there is none yet; before our functions, which use it."""
    cursor.execute("select to_regclass('queue.procrastinate_jobs') is not null")
    if cursor.fetchone()[0]:
        return []
    cursor.execute("create schema queue")
    cursor.execute("comment on schema queue is 'Procrastinate''s own objects, applied from its package.'")
    cursor.execute("set local search_path = queue")
    cursor.execute(release.queue_schema)
    cursor.execute("set local search_path = pg_catalog, pg_temp")
    return [f"applied Procrastinate's schema {release.queue_release}"]


def _upgrade_queue(conninfo: str, release: Release) -> list[str]:
    """Apply the upgrades that Procrastinate has published since, each file in its own transaction.

    They add values to enums and use them, which PostgreSQL before 17 refuses within one transaction. So an
    upgrade stays if our part fails afterwards; the next run continues from there.
    """
    done = []
    with psycopg.connect(_as_owner(conninfo), autocommit=True) as connection:
        if not administrator.value(connection, "select to_regclass('rubis.deployment') is not null"):
            return []
        installed = administrator.value(
            connection, "select release from rubis.deployment where component = 'queue'"
        )
        for number, text in release.queue_migrations.items():
            if installed is not None and number > installed:
                with connection.transaction():
                    connection.execute("set local search_path = queue")
                    connection.execute(text.encode())
                    connection.execute("set local search_path = pg_catalog, pg_temp")
                    connection.execute(
                        "update rubis.deployment set release = %s, checksum = 'upgrading'"
                        " where component = 'queue'",
                        [number],
                    )
                done.append(f"applied Procrastinate's {number}")
    return done


def _as_owner(conninfo: str) -> str:
    """The same connection, acting as rubis_owner from its first statement."""
    options = conninfo_to_dict(conninfo).get("options") or ""
    return make_conninfo(
        conninfo,
        options=f"{options} -c role=rubis_owner -c timezone=UTC -c client_min_messages=warning".strip(),
    )


def _statements(path: str) -> Iterator[bytes]:
    """The statements of a file for pgmigrate to send: the whole text at once, which the server splits.

    pgmigrate splits with sqlparse, which takes a second for our functions. NONTRANSACTIONAL migrations are
    still split, since a text that is sent at once runs in one transaction.
    """
    if "NONTRANSACTIONAL" in Path(path).name:
        yield from _split(path)
    else:
        yield Path(path).read_bytes()


_split = pgmigrate._get_statements  # noqa: SLF001  it has no setting for this
pgmigrate._get_statements = _statements  # noqa: SLF001


@contextlib.contextmanager
def _failing_file() -> Iterator[list[Path]]:
    """Collect the files whose statements fail: pgmigrate names them in its log, not in its exception."""
    files: list[Path] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if str(record.msg).startswith("Error executing statement from") and isinstance(
                record.args, tuple
            ):
                files.append(Path(str(record.args[0])))

    collector = Collector()
    propagate, pgmigrate.LOG.propagate = pgmigrate.LOG.propagate, False
    pgmigrate.LOG.addHandler(collector)
    try:
        yield files
    finally:
        pgmigrate.LOG.removeHandler(collector)
        pgmigrate.LOG.propagate = propagate


def _explain(error: BaseException, files: list[Path]) -> str:
    cause = _database_error(error)
    where = f" in {files[-1]}" if files else ""
    if cause is None:
        return f"Migration failed{where}, and nothing was changed: {error}"
    if cause.pgcode in _GIVE_WAY:
        return (
            f"Migration gave way {_ATTEMPTS} times{where} to sessions that hold locks on our tables. "
            "Nothing was changed. Look for long transactions in pg_stat_activity, and run it again."
        )
    position = cause.diag.statement_position
    if files and position is not None:
        where += f", line {files[-1].read_text()[: int(position) - 1].count(chr(10)) + 1}"
    details = (cause.diag.message_primary or str(cause), cause.diag.message_detail, cause.diag.message_hint)
    said = ". ".join(part.strip().rstrip(".") for part in details if part)
    return f"Migration failed{where}, and nothing was changed. PostgreSQL says: {said} ({cause.pgcode})."


def _database_error(error: BaseException) -> psycopg2.Error | None:
    """What PostgreSQL said: pgmigrate raises its own error while it handles that one."""
    cause = error if isinstance(error, psycopg2.Error) else error.__context__
    return cause if isinstance(cause, psycopg2.Error) else None


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0]
