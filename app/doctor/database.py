"""The database: server, clock, zones, connections, our release, our roles, the worker and its calendar."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from app.core.settings import Settings
from app.deploy.administrator import OLDEST_SERVER, SCHEMAS, tables, value
from app.deploy.deployment import Release
from app.doctor.findings import PATIENCE, Finding, first_line, judged
from app.doctor.machine import drift
from app.postgres.embedded import is_running
from app.postgres.wheel import EmbeddedError

_DRIFT_SECONDS = 2.0
_TICK_AGE_SECONDS = 60.0
_BACKUP_AGE_HOURS = 36.0

Connection = psycopg.Connection[tuple[Any, ...]]


def look_at_database(settings: Settings) -> Iterator[Finding]:
    """What can be seen with the connection strings that are set here."""
    if not settings.has_administrator:
        remedy = "Run the doctor where DATABASE_URL is set, too"
        yield Finding("Schema", "unseen", "no DATABASE_URL here", remedy)
    else:
        findings = list(_administrator(settings))
        yield from findings
        if any(finding.part == "PostgreSQL" and finding.state == "bad" for finding in findings):
            return
    if settings.has_administrator or settings.api_database_url is not None:
        yield from _role("API", settings.api_conninfo(), settings)
    if settings.has_administrator or settings.worker_database_url is not None:
        yield from _role("Worker", settings.worker_conninfo(), settings)


def _connect(conninfo: str) -> Connection:
    return psycopg.connect(conninfo, connect_timeout=PATIENCE, row_factory=tuple_row)


def _administrator(settings: Settings) -> Iterator[Finding]:
    start = "Start it with `rubis up`" if settings.embedded else "Check DATABASE_URL, or PG_HOST and its like"
    try:
        if settings.embedded and not is_running(settings.rubis_data_dir):
            yield Finding("PostgreSQL", "bad", "our own is not running", start)
            return
        with _connect(settings.owner_conninfo()) as connection:
            yield _server(connection, settings)
            release = _release(connection)
            yield release
            if release.state == "ok":
                yield _calendars(connection)
                yield _backup(connection)
    except (psycopg.Error, EmbeddedError) as error:
        yield Finding("PostgreSQL", "bad", first_line(error), start)


def _server(connection: Connection, settings: Settings) -> Finding:
    number = connection.info.server_version
    return judged(
        "PostgreSQL",
        well=number >= OLDEST_SERVER * 10000,
        seen=f"{number // 10000}.{number % 10000}, {'our own' if settings.embedded else 'yours'}",
        remedy=f"Rubis needs {OLDEST_SERVER} or later",
    )


def _release(connection: Connection) -> Finding:
    """Whether the database has exactly this release's migrations, functions and queue."""
    part, remedy = "Schema", "Run `rubis migrate`"
    # From the catalogue: an administrator may not enter our schemas before `set role`.
    if "deployment" not in tables(connection):
        return Finding(part, "bad", f"there is none ({', '.join(SCHEMAS)})", remedy)
    connection.execute("set local role rubis_owner")
    deployed: dict[str, str] = dict(
        connection.execute("select component, checksum from rubis.deployment").fetchall()
    )
    ours = {component.component: component.checksum for component in Release().components()}
    different = sorted(name for name in deployed.keys() | ours.keys() if deployed.get(name) != ours.get(name))
    seen = f"of {', '.join(different)}: not this release's" if different else f"release {Release().name}"
    return judged(part, well=not different, seen=seen, remedy=remedy)


def _calendars(connection: Connection) -> Finding:
    """Whether this year's public holidays are known, of every calendar that an organization uses."""
    rows = connection.execute(
        "select distinct o.calendar, rubis.holidays_known(o.calendar, rubis.clock()::date)"
        " from rubis.organization as o order by 1"
    ).fetchall()
    lists = {
        what: ", ".join(calendar for calendar, known in rows if known == what)
        for what in ("awaited", "weekends_only")
    }
    seen = f"{len(rows)} calendars in use" + "".join(
        f"; {words}: {lists[what]}"
        for what, words in {"awaited": "not filled yet", "weekends_only": "weekends only"}.items()
        if lists[what]
    )
    remedy = "Start a worker: it fills them, and until then no relance leaves"
    return judged("Public holidays", well=not lists["awaited"], seen=seen, remedy=remedy)


def _backup(connection: Connection) -> Finding:
    """Whether `rubis backup` made one last night. A backup of another kind is not known here."""
    query = "select extract(epoch from rubis.clock() - b.made_at) / 3600 from rubis.backup as b"
    age = value(connection, query)
    remedy = "Run `rubis backup`, every night by a timer"
    if age is None:
        return Finding("Backup", "unseen", "none was made by `rubis backup`", remedy)
    seen = f"the last one was made {age:.0f} h ago"
    return judged("Backup", well=age <= _BACKUP_AGE_HOURS, seen=seen, remedy=remedy)


def _role(name: str, conninfo: str, settings: Settings) -> Iterator[Finding]:
    """Log in as one of our roles, as its process does, and look at what it sees."""
    part = f"{name}'s database role"
    try:
        with _connect(conninfo) as connection:
            yield Finding(part, "ok", f"{connection.info.user} logs in")
            if name == "API":
                yield _clocks(connection)
                yield _zones(connection)
                yield _connections(connection, settings)
                yield _worker(connection, settings)
    except psycopg.Error as error:
        remedy = f"Set {name.upper()}_DATABASE_URL, give the role its password, or run `rubis migrate`"
        yield Finding(part, "bad", first_line(error), remedy)


def _clocks(connection: Connection) -> Finding:
    before = datetime.now(UTC)
    seconds = drift(value(connection, "select clock_timestamp()"), before)
    return judged(
        "Clocks",
        well=seconds <= _DRIFT_SECONDS,
        seen=f"the database's and ours differ by {seconds:.1f} s",
        remedy="Set both clocks by NTP, or links expire at wrong times",
    )


def _zones(connection: Connection) -> Finding:
    """The database decides when it is nine o'clock for an organization."""
    query = "select timestamp '2026-07-01 12:00' at time zone 'Europe/Paris'"
    try:
        noon = value(connection, query)
    except psycopg.Error:
        connection.rollback()
        noon = None
    return judged(
        "Database's time zones",
        well=noon == datetime(2026, 7, 1, 10, tzinfo=UTC),
        seen="Europe/Paris is known" if noon else "Europe/Paris is not known",
        remedy="Install the time zones (tzdata) on the database's machine, and restart PostgreSQL",
    )


def _connections(connection: Connection, settings: Settings) -> Finding:
    query = (
        "select current_setting('max_connections')::int"
        " - current_setting('superuser_reserved_connections')::int"
        " - (select count(*) from pg_stat_activity where backend_type = 'client backend')"
    )
    left = int(value(connection, query))
    return judged(
        "Connections",
        well=left >= settings.db_pool_size,
        seen=f"{left} are left, and a process may take {settings.db_pool_size}",
        remedy="Lower DB_POOL_SIZE, or raise max_connections of PostgreSQL",
    )


def _worker(connection: Connection, settings: Settings) -> Finding:
    last = (value(connection, "select api.readiness()") or {}).get("worker", {}).get("last_tick_at")
    limit = max(_TICK_AGE_SECONDS, 3 * settings.tick_seconds)
    remedy = "Start one: `rubis worker`, or `rubis up`"
    if last is None:
        return Finding("Worker", "bad", "none has ever ticked", remedy)
    age = (datetime.now(UTC) - datetime.fromisoformat(last)).total_seconds()
    return judged("Worker", well=age <= limit, seen=f"ticked {age:.0f} s ago", remedy=remedy)
