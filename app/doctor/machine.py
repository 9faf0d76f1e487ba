"""This machine: Python, packages, time zones, the data directory and its disk, the ports."""

import os
import re
import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.core.settings import Settings
from app.deploy.deployment import DB_FOLDER
from app.doctor.findings import PATIENCE, Finding, judged

_OLDEST_PYTHON = (3, 11)
_LEAST_FREE = 10**9  # bytes


def look_at_machine(settings: Settings) -> Iterator[Finding]:
    """What needs no network."""
    yield _python()
    yield from _packages()
    yield _time_zones()
    yield from _data_dir(settings)


def _python() -> Finding:
    seen = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, _OLDEST_PYTHON))
    return judged(
        "Python",
        well=sys.version_info >= _OLDEST_PYTHON,
        seen=seen,
        remedy=f"Rubis needs Python {wanted} or later",
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
    yield judged("Packages", well=not wrong, seen=seen, remedy="Delete .venv and run make again")


def _time_zones() -> Finding:
    """Pages and notices show times of an organization's zone."""
    part, remedy = "Time zones", "Install the time zones of this system, or the package tzdata"
    try:
        paris = datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Paris"))
    except ZoneInfoNotFoundError:
        return Finding(part, "bad", "Python knows none", remedy)
    right = paris.utcoffset() == timedelta(hours=2)
    return judged(part, well=right, seen="Python knows Europe/Paris", remedy=remedy)


def _data_dir(settings: Settings) -> Iterator[Finding]:
    folder = settings.rubis_data_dir.resolve()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    well = existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)
    remedy = f"{existing} cannot be written: set RUBIS_DATA_DIR"
    yield judged("Data directory", well=well, seen=str(folder), remedy=remedy)
    usage = shutil.disk_usage(existing)
    yield judged(
        "Disk",
        well=usage.free >= _LEAST_FREE,
        seen=f"{usage.free / 10**9:.1f} of {usage.total / 10**9:.1f} GB are free below {existing}",
        remedy="Free some: without room for its log PostgreSQL stops",
    )


def look_at_ports(settings: Settings) -> Iterator[Finding]:
    """Each port is free, or Rubis itself answers on it."""
    for name, port in (("PORT", settings.port), ("WEB_URL", settings.web_port)):
        if port is None or port == 0:
            continue
        part = f"Port {port} ({name})"
        try:
            socket.create_connection((settings.host, port), timeout=PATIENCE).close()
        except OSError:
            yield Finding(part, "ok", "free")
            continue
        ours = _is_rubis(settings.host, port)
        seen = "answered by Rubis" if ours else "taken by another program"
        yield judged(part, well=ours, seen=seen, remedy=f"Stop that program, or set {name}")


def _is_rubis(host: str, port: int) -> bool:
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return b'"ok"' in answer.read(1000)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def drift(there: datetime, before: datetime) -> float:
    """The seconds by which another clock differs from ours, less what asking it took."""
    return max(0.0, abs((there - before).total_seconds()) - (datetime.now(UTC) - before).total_seconds())
