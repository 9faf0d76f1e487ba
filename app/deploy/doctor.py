"""`rubis doctor`: look at each part of an installation and say what to do about what is wrong."""

import os
import re
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import tuple_row

from app.core.settings import Settings
from app.deploy.administrator import OLDEST_SERVER, SCHEMAS
from app.deploy.deployment import DB_FOLDER, Release
from app.postgres.embedded import is_running
from app.postgres.wheel import EmbeddedError

_OLDEST_PYTHON = (3, 11)
_DRIFT_SECONDS = 2.0
_TICK_AGE_SECONDS = 60.0
_PATIENCE = 5  # seconds for anything on the network

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Finding:
    """What was checked, whether it is right, what was seen, and what to do if it is wrong."""

    part: str
    ok: bool
    seen: str
    remedy: str = ""

    def line(self) -> str:
        """One line for a person."""
        return f"{'ok ' if self.ok else 'BAD'}  {self.part}: {self.seen}" + (
            "" if self.ok else f". {self.remedy}"
        )


def examine(settings: Settings) -> list[Finding]:
    """Every finding; those that others depend on come first. A check that raises is a finding too."""
    database = list(_database(settings))
    reachable = any(finding.part == "PostgreSQL" and finding.ok for finding in database)
    return [
        _python(),
        *_packages(),
        _data_dir(settings),
        *database,
        *(_roles(settings) if reachable else []),
        _mail(settings),
        *_ports(settings),
    ]


def _python() -> Finding:
    seen = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, _OLDEST_PYTHON))
    return Finding(
        "Python", sys.version_info >= _OLDEST_PYTHON, seen, f"Rubis needs Python {wanted} or later"
    )


def _packages() -> Iterator[Finding]:
    """Compare what is installed with requirements.lock, where there is one: in a clone."""
    lock = DB_FOLDER.parent / "requirements.lock"
    if not lock.exists():
        return
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock.read_text(), flags=re.MULTILINE)
    pinned: dict[str, list[str]] = {}  # several where the Python version decides
    for name, number in pins:
        pinned.setdefault(name, []).append(number)
    wrong = []
    for name, numbers in pinned.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            continue  # for another platform
        if found not in numbers:
            wrong.append(f"{name} is {found}, not {' or '.join(numbers)}")
    seen = f"{len(pinned)} as pinned" if not wrong else "; ".join(wrong)
    yield Finding("Packages", not wrong, seen, "Delete .venv and run make again")


def _data_dir(settings: Settings) -> Finding:
    folder = settings.rubis_data_dir.resolve()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    well = existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)
    return Finding("Data directory", well, str(folder), f"{existing} cannot be written: set RUBIS_DATA_DIR")


def _database(settings: Settings) -> Iterator[Finding]:
    start = "Start it with `rubis up`" if settings.embedded else "Check DATABASE_URL, or PG_HOST and its like"
    try:
        if settings.embedded and not is_running(settings.rubis_data_dir):
            yield Finding("PostgreSQL", ok=False, seen="our own is not running", remedy=start)
            return
        with psycopg.connect(
            settings.owner_conninfo(), connect_timeout=_PATIENCE, row_factory=tuple_row
        ) as connection:
            number = connection.info.server_version
            seen = f"{number // 10000}.{number % 10000}, {'our own' if settings.embedded else 'yours'}"
            yield Finding(
                "PostgreSQL", number >= OLDEST_SERVER * 10000, seen, f"Rubis needs {OLDEST_SERVER} or later"
            )
            yield _clocks(connection)
            release = _release(connection)
            yield release
            if release.ok:
                yield _calendars(connection)
    except (psycopg.Error, EmbeddedError) as error:
        yield Finding("PostgreSQL", ok=False, seen=_first_line(error), remedy=start)


def _clocks(connection: Connection) -> Finding:
    before = datetime.now(UTC)
    (there,) = connection.execute("select clock_timestamp()").fetchone() or (before,)
    drift = max(0.0, abs((there - before).total_seconds()) - (datetime.now(UTC) - before).total_seconds())
    seen = f"the database's and ours differ by {drift:.1f} s"
    return Finding(
        "Clocks",
        drift <= _DRIFT_SECONDS,
        seen,
        "Set both clocks by NTP, or links expire at wrong times",
    )


def _release(connection: Connection) -> Finding:
    """Whether the database has exactly this release's migrations, functions and queue."""
    part, remedy = "Schema", "Run `rubis migrate`"
    (made,) = connection.execute("select to_regclass('rubis.deployment') is not null").fetchone() or (False,)
    if not made:
        return Finding(part, ok=False, seen=f"there is none ({', '.join(SCHEMAS)})", remedy=remedy)
    connection.execute("set local role rubis_owner")
    deployed: dict[str, str] = dict(
        connection.execute("select component, checksum from rubis.deployment").fetchall()
    )
    ours = {component.component: component.checksum for component in Release().components()}
    different = sorted(name for name in deployed.keys() | ours.keys() if deployed.get(name) != ours.get(name))
    seen = f"of {', '.join(different)}: not this release's" if different else f"release {Release().name}"
    return Finding(part, not different, seen, remedy)


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
    return Finding("Public holidays", not lists["awaited"], seen, remedy)


def _roles(settings: Settings) -> Iterator[Finding]:
    """Log in as each of our roles, as the API and the worker do."""
    for name, conninfo in (("API", settings.api_conninfo()), ("WORKER", settings.worker_conninfo())):
        part = f"{name.capitalize() if name == 'WORKER' else name}'s database role"
        try:
            with psycopg.connect(conninfo, connect_timeout=_PATIENCE, row_factory=tuple_row) as connection:
                user = connection.info.user
                yield Finding(part, ok=True, seen=f"{user} logs in")
                if name == "API":
                    yield _worker(connection, settings)
        except psycopg.Error as error:
            remedy = f"Set {name}_DATABASE_URL, or give the role its password"
            yield Finding(part, ok=False, seen=_first_line(error), remedy=remedy)


def _worker(connection: Connection, settings: Settings) -> Finding:
    (readiness,) = connection.execute("select api.readiness()").fetchone() or ({},)
    last = (readiness.get("worker") or {}).get("last_tick_at")
    limit = max(_TICK_AGE_SECONDS, 3 * settings.tick_seconds)
    remedy = "Start one: `rubis worker`, or `rubis up`"
    if last is None:
        return Finding("Worker", ok=False, seen="none has ever ticked", remedy=remedy)
    age = (datetime.now(UTC) - datetime.fromisoformat(last)).total_seconds()
    return Finding("Worker", age <= limit, f"ticked {age:.0f} s ago", remedy)


def _mail(settings: Settings) -> Finding:
    if settings.mail_driver == "file":
        folder = settings.outbox_dir.resolve()
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        return Finding(
            "Mail", os.access(existing, os.W_OK), f"files in {folder}", f"{existing} cannot be written"
        )
    if settings.mail_driver == "smtp":
        return _reachable("Mail", settings.smtp_host, settings.smtp_port, "Check SMTP_HOST and SMTP_PORT")
    if settings.resend_api_key is None:
        return Finding("Mail", ok=False, seen="Resend without a key", remedy="Set RESEND_API_KEY")
    url = urlsplit(settings.resend_url)
    return _reachable("Mail", url.hostname or "", url.port or 443, "Check RESEND_URL and the way out to it")


def _reachable(part: str, host: str, port: int, remedy: str) -> Finding:
    try:
        socket.create_connection((host, port), timeout=_PATIENCE).close()
    except OSError as error:
        return Finding(part, ok=False, seen=f"{host}:{port} does not answer ({error})", remedy=remedy)
    return Finding(part, ok=True, seen=f"{host}:{port} answers")


def _ports(settings: Settings) -> Iterator[Finding]:
    """Each port is free, or Rubis itself answers on it."""
    for name, port in (("PORT", settings.port), ("WEB_URL", settings.web_port)):
        if port is None or port == 0:
            continue
        part = f"Port {port} ({name})"
        try:
            socket.create_connection((settings.host, port), timeout=_PATIENCE).close()
        except OSError:
            yield Finding(part, ok=True, seen="free")
            continue
        ours = _is_rubis(f"http://{settings.host}:{port}/healthz")
        seen = "answered by Rubis" if ours else "taken by another program"
        yield Finding(part, ours, seen, f"Stop that program, or set {name}")


def _is_rubis(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310  http, and our own
            return b'"ok"' in answer.read(1000)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _first_line(error: BaseException) -> str:
    return str(error).strip().removeprefix("connection is bad: ").split("\n", 1)[0]
