"""Bring a database to this release: roles, queue, migrations, functions. `rubis migrate` and `rubis up` call it.

pgmigrate applies the migrations. It neither takes a lock, nor deploys functions when no migration is pending, nor notices that an
applied file was changed; this module adds that. All of it is one transaction as rubis_owner, after one as the administrator
that makes the roles. Nothing is changed when it fails.
"""

import contextlib
import json
import logging
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from typing import Any

import pgmigrate
import psycopg
import psycopg2
import sqlparse.engine.grouping
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.deployment import Release
from app.settings import Settings

SCHEMAS = ["rubis", "api", "worker", "audit", "queue"]
OLDEST_SERVER = 15

_LOCK_KEY = 0x7275626973  # "rubis"
_LOCK_PATIENCE = 600.0  # seconds to wait for another `rubis migrate`
_ATTEMPTS = 20
_PAUSE = 1.0  # seconds between attempts
_GIVE_WAY = ("55P03", "40P01")  # lock_not_available, deadlock_detected
_CANNOT_REPLACE = "42P13"  # invalid_function_definition: create or replace with another return type

# pgmigrate's command line lifts these limits too: without that, sqlparse refuses long files.
sqlparse.engine.grouping.MAX_GROUPING_DEPTH = None
sqlparse.engine.grouping.MAX_GROUPING_TOKENS = None


class MigrationError(RuntimeError):
    """The database was left as it was; the message is for the person who ran the command."""


def migrate(target: Settings | str, release: Release | None = None) -> list[str]:
    """Bring the database to `release` (this one) and return what was done, one line each.

    `target` is the settings, or a connection string of an administrator: a superuser, or a role with CREATEROLE that owns the
    database. From Settings, new roles also get the passwords of API_DATABASE_URL and WORKER_DATABASE_URL; an existing role's
    is never touched. Safe to run twice, and by several processes at once. Raises MigrationError.
    """
    release = release or Release()
    conninfo = target.owner_conninfo() if isinstance(target, Settings) else target
    passwords = role_passwords(target) if isinstance(target, Settings) else {}
    try:
        with _alone(conninfo):
            done = _prepare(conninfo, release, passwords)
            return done + _apply_patiently(conninfo, release)
    except psycopg.OperationalError as error:
        message = f"The database cannot be reached: {str(error).strip()}"
        raise MigrationError(message) from error
    except psycopg.Error as error:
        message = (
            f"The administrator's part of the migration failed, and nothing was changed: {_first_line(error)}"
        )
        raise MigrationError(message) from error


def role_passwords(settings: Settings) -> dict[str, str]:
    """The passwords our own roles log in with, as the settings' connection strings have them."""
    found = {}
    for conninfo in (settings.api_conninfo(), settings.worker_conninfo()):
        parts = conninfo_to_dict(conninfo)
        if parts.get("user") in ("rubis_api", "rubis_worker") and parts.get("password"):
            found[str(parts["user"])] = str(parts["password"])
    return found


@contextlib.contextmanager
def _alone(conninfo: str) -> Iterator[None]:
    """Hold a lock that another `rubis migrate` on this database waits for.

    By asking again and again: a session blocked in pg_advisory_lock holds a snapshot, on which `create index concurrently` waits.
    """
    deadline = time.monotonic() + _LOCK_PATIENCE
    with psycopg.connect(conninfo, autocommit=True, application_name="rubis migrate: lock") as connection:
        while not _value(connection, "select pg_try_advisory_lock(%s)", _LOCK_KEY):
            if time.monotonic() > deadline:
                message = f"Another `rubis migrate` has been at work for {_LOCK_PATIENCE:.0f} s; see pg_stat_activity."
                raise MigrationError(message)
            time.sleep(0.1)
        yield


def _prepare(conninfo: str, release: Release, passwords: Mapping[str, str]) -> list[str]:
    """The administrator's transaction: refuse what is not ours to touch, make the roles that are missing."""
    with psycopg.connect(conninfo, application_name="rubis migrate") as connection:
        _refuse_unfit(connection)
        before = _roles(connection)
        connection.execute((release.folder / "bootstrap.sql").read_bytes())
        created = _roles(connection) - before
        for role in sorted(created & passwords.keys()):
            verifier = connection.pgconn.encrypt_password(
                passwords[role].encode(), role.encode(), b"scram-sha-256"
            )
            connection.execute(
                sql.SQL("alter role {} password {}").format(
                    sql.Identifier(role), sql.Literal(verifier.decode())
                )
            )
        if _value(connection, "select to_regclass('rubis.schema_version') is not null"):
            connection.execute("set local role rubis_owner")
            _refuse_unknown(connection, release)
        return [f"created role {role}" for role in sorted(created)]


def _refuse_unfit(connection: psycopg.Connection[Any]) -> None:
    if connection.info.server_version < OLDEST_SERVER * 10000:
        found = connection.info.server_version // 10000
        message = f"This is PostgreSQL {found}; rubis needs {OLDEST_SERVER} or later. Nothing was changed."
        raise MigrationError(message)
    if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
        message = f"This database's encoding is {encoding}; rubis needs UTF8. Nothing was changed."
        raise MigrationError(message)
    rows = connection.execute(
        "select nspname from pg_namespace where nspname = any (%s) order by 1", [SCHEMAS]
    )
    existing = [row[0] for row in rows]
    ours = _value(
        connection,
        "select to_regclass('rubis.schema_version') is not null and to_regclass('rubis.deployment') is not null",
    )
    if existing and not ours:
        message = (
            f"This database has a schema {' and '.join(existing)} that `rubis migrate` did not make. "
            "Use another database, or rename or drop it. Nothing was changed."
        )
        raise MigrationError(message)


def _refuse_unknown(connection: psycopg.Connection[Any], release: Release) -> None:
    """Every applied migration must be a file of ours, unchanged."""
    deployed = dict(connection.execute("select component, checksum from rubis.deployment").fetchall())
    ours = {component.component: component.checksum for component in release.components()}
    for (number,) in connection.execute("select version from rubis.schema_version order by 1").fetchall():
        path = release.migrations.get(number)
        if path is None:
            message = (
                f"This database has migration {number}, which this release ({release.name}) does not know: a newer release made it. "
                "Use that release, or restore a backup. Nothing was changed."
            )
            raise MigrationError(message)
        if deployed.get(path.name) != ours[path.name]:
            message = (
                f"Migration {path.name} was applied here with another content: this database was made by an unreleased version. "
                "Only databases made by a tagged release can be upgraded; dump its data and start with an empty database "
                "(with the embedded PostgreSQL: another RUBIS_DATA_DIR). Nothing was changed."
            )
            raise MigrationError(message)


def _apply_patiently(conninfo: str, release: Release) -> list[str]:
    """Apply, giving way to live sessions, and once more from bare ground if a function cannot be replaced."""
    redeploy = "replace"
    for attempt in range(1, _ATTEMPTS + 1):
        with _statement_file() as place:
            try:
                return _apply(conninfo, release, redeploy)
            except (pgmigrate.MigrateError, psycopg2.Error) as error:
                cause = error if isinstance(error, psycopg2.Error) else error.__context__
                state = cause.pgcode if isinstance(cause, psycopg2.Error) else None
                if state == _CANNOT_REPLACE and redeploy == "replace":
                    redeploy = "drop"
                elif state in _GIVE_WAY and attempt < _ATTEMPTS:
                    time.sleep(_PAUSE)
                else:
                    raise MigrationError(_explain(error, cause, state, place)) from error
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
        done = _apply_queue(cursor, release)
        pending = [path for number, path in release.migrations.items() if number not in _applied(cursor)]
        if pending:
            pgmigrate.migrate(config)
        else:
            for path in config.callbacks.afterAll:
                pgmigrate._apply_file(path, cursor)  # noqa: SLF001  as its migrate() does, which stops short here
            config.conn_instance.commit()
    return [*done, *(f"applied {path.name}" for path in pending), "deployed the functions"]


def _applied(cursor: Any) -> set[int]:
    cursor.execute("select to_regclass('rubis.schema_version') is not null")
    if not cursor.fetchone()[0]:
        return set()
    cursor.execute("select version from rubis.schema_version")
    return {row[0] for row in cursor.fetchall()}


def _apply_queue(cursor: Any, release: Release) -> list[str]:
    """Procrastinate's schema, or the upgrades it got since; before our functions, which use it."""
    cursor.execute("select to_regclass('queue.procrastinate_jobs') is not null")
    if cursor.fetchone()[0]:
        cursor.execute("select release from rubis.deployment where component = 'queue'")
        installed = cursor.fetchone()[0]
        steps = {number: text for number, text in release.queue_migrations.items() if number > installed}
    else:
        cursor.execute("create schema queue")
        cursor.execute("comment on schema queue is 'Procrastinate''s own objects, applied from its package.'")
        steps = {f"schema {list(release.queue_migrations)[-1]}": release.queue_schema}
    cursor.execute("set local search_path = queue")
    for text in steps.values():
        cursor.execute(text)
    cursor.execute("set local search_path = ''")
    return [f"applied Procrastinate's {number}" for number in steps]


def _as_owner(conninfo: str) -> str:
    """The same connection, acting as rubis_owner from its first statement."""
    options = conninfo_to_dict(conninfo).get("options") or ""
    return make_conninfo(
        conninfo,
        options=f"{options} -c role=rubis_owner -c timezone=UTC -c client_min_messages=warning".strip(),
    )


@contextlib.contextmanager
def _statement_file() -> Iterator[list[str]]:
    """Collect the names of the files whose statements fail: pgmigrate tells its log, not its exception."""
    files: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.args and str(record.msg).startswith("Error executing statement from"):
                files.append(str(record.args[0] if isinstance(record.args, tuple) else record.args))

    collector = Collector()
    propagate, pgmigrate.LOG.propagate = pgmigrate.LOG.propagate, False
    pgmigrate.LOG.addHandler(collector)
    try:
        yield files
    finally:
        pgmigrate.LOG.removeHandler(collector)
        pgmigrate.LOG.propagate = propagate


def _explain(error: BaseException, cause: BaseException | None, state: str | None, place: list[str]) -> str:
    where = f" in {place[-1]}" if place else ""
    if state in _GIVE_WAY:
        return (
            f"Migration gave way {_ATTEMPTS} times{where} to sessions that hold locks on our tables. Nothing was changed. "
            "Look for long transactions in pg_stat_activity, and run it again."
        )
    if isinstance(cause, psycopg2.Error):
        details = (cause.diag.message_primary, cause.diag.message_detail, cause.diag.message_hint)
        said = ". ".join(part.rstrip(".") for part in details if part) or str(cause).strip()
        return f"Migration failed{where}, and nothing was changed. PostgreSQL says: {said}" + (
            f" ({state})." if state else "."
        )
    return f"Migration failed{where}, and nothing was changed: {error}"


def _roles(connection: psycopg.Connection[Any]) -> set[str]:
    return {
        row[0] for row in connection.execute(r"select rolname from pg_roles where rolname like 'rubis\_%'")
    }


def _value(connection: psycopg.Connection[Any], query: str, *parameters: object) -> Any:
    row = connection.execute(query.encode(), parameters).fetchone()
    return row[0] if row else None


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0]
