"""`rubis status`: one screen that says what is due, late and stuck, who works, and since when."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Any

import click

from app.core.database import Database
from app.core.errors import ApiError
from app.core.loop import run_loop
from app.core.settings import Settings

READY, DEGRADED, NO_DATABASE = 0, 1, 3
"""The exit codes; 2 is a usage error's."""

_COUNTED = 1000  # where api.measure_flow stops counting
_MOST_WORKERS = 4  # lines, so that the screen has at most 24
_MOST_REASONS = 3
_PAUSE = 2.0  # seconds between two screens
_WIDTH = 80
_HOME_AND_CLEAR = "\x1b[H\x1b[J"
_KINDS = {"checkin": "check-ins", "relance": "relances", "user_mail": "mails to users"}
_VIEWS = {
    "worker": "audit.stuck_worker",
    "mail": "audit.stuck_mail",
    "checkins": "audit.stuck_checkins",
    "relances": "audit.stuck_relances",
    "user_mails": "audit.stuck_mail",
    "organizations": "audit.stuck_organizations",
}


def run(settings: Settings, *, as_json: bool, watch: bool) -> int:
    """Print the state once, or again and again until Ctrl-C; return the exit code of the last one."""
    code = READY

    async def show() -> None:
        nonlocal code
        async with aclosing(_states(settings, watch=watch)) as states:
            async for state in states:
                code = _code(state)
                if watch and not as_json and sys.stdout.isatty():
                    click.echo(_HOME_AND_CLEAR, nl=False)
                click.echo(json.dumps(state) if as_json else screen(state))

    with suppress(KeyboardInterrupt):
        run_loop(show())
    return code


async def _states(settings: Settings, *, watch: bool) -> AsyncGenerator[dict[str, Any], None]:
    """What the database says, or `{"error"}` while it does not answer."""
    async with Database(
        settings.api_conninfo(),
        max_size=1,
        timeout=3.0,
        prepare_threshold=settings.prepare_threshold,
        application_name="rubis-status",
    ) as database:
        while True:
            try:
                yield await database.call("api.show_status")
            except ApiError as error:
                yield {"error": error.detail}
            if not watch:
                return
            await asyncio.sleep(_PAUSE)


def _code(state: dict[str, Any]) -> int:
    if "error" in state:
        return NO_DATABASE
    return READY if state["ready"] else DEGRADED


def screen(state: dict[str, Any]) -> str:
    """The state in at most 24 lines of 80 characters."""
    lines = _no_database(state["error"]) if "error" in state else _lines(state)
    return "\n".join(line[:_WIDTH].rstrip() for line in lines)


def _no_database(detail: str) -> Iterator[str]:
    yield f"Rubis  NO DATABASE  {detail}"
    yield "       People who click are asked to click again; no mail leaves."
    yield "       rubis doctor says what it finds."


def _lines(state: dict[str, Any]) -> Iterator[str]:
    at = datetime.fromisoformat(state["at"])
    yield f"Rubis  {'ready' if state['ready'] else 'DEGRADED'}  {at:%Y-%m-%d %H:%M:%S} UTC"
    yield ""
    yield f"{'':16}{'due':>7}{'late':>7}{'in hand':>9}{'stuck':>7}   oldest due"
    for kind, name in _KINDS.items():
        work = state["work"][kind]
        counts = [_count(work[what]) for what in ("due", "overdue", "in_hand", "stuck")]
        oldest = f"since {_span(work['lag_seconds'])}" if work["due"] else ""
        yield f"{name:16}{counts[0]:>7}{counts[1]:>7}{counts[2]:>9}{counts[3]:>7}   {oldest}"
    yield ""
    held = sorted(state["relances_held"].items(), key=lambda item: -item[1])
    reasons = ", ".join(f"{reason} {_count(count)}" for reason, count in held[:_MOST_REASONS] if count)
    yield f"relances held    {_count(sum(count for _, count in held))}{f'  ({reasons})' if reasons else ''}"
    yield f"unconfirmed      {_count(state['relances_unconfirmed'])}"
    yield f"check-ins held   {_count(state['checkins_held'])}"
    yield f"mail             {_mail(at, state['readiness']['mail'])}"
    yield f"last backup      {_backup(state['backup_age_seconds'])}"
    failing = state["organizations_failing"]
    fails = f"  (ticks of organizations that fail: {_count(failing)})" if failing else ""
    yield f"workers          {len(state['ticking']) or _no_worker(state['tick_age_seconds'])}{fails}"
    for worker in state["ticking"][:_MOST_WORKERS]:
        up, age = _span(worker["up_seconds"]), _span(worker["tick_age_seconds"])
        yield f"  {worker['worker']:40.40} for {up}, ticked {age} ago"
    yield from _advice(state)


def _advice(state: dict[str, Any]) -> Iterator[str]:
    """The views that say what to do about what is wrong."""
    wrong = [name for name in _VIEWS if not state["readiness"][name]["ok"]]
    stuck = {f"{kind}s" for kind, work in state["work"].items() if work["stuck"]}
    views = dict.fromkeys(_VIEWS[name] for name in _VIEWS if name in wrong or name in stuck)
    if views:
        yield ""
        yield "What to do is said by:"
        for view in views:
            yield f"  rubis psql -- -c 'table {view}'"


def _mail(at: datetime, mail: dict[str, Any]) -> str:
    accepted, deferred = mail["last_accepted_at"], mail["deferred_since"]
    last = f"the last one was accepted {_ago(at, accepted)}" if accepted else "none was accepted yet"
    if mail["ok"]:
        return last
    wrong = f"ALL PUT OFF, first {_ago(at, deferred)}" if deferred else "BLOCKED: no mail leaves"
    return f"{wrong}; {last}"


def _ago(at: datetime, moment: str) -> str:
    return f"{_span((at - datetime.fromisoformat(moment)).total_seconds())} ago"


def _backup(age: float | None) -> str:
    return "none yet: rubis backup" if age is None else f"{_span(age)} ago"


def _no_worker(age: float | None) -> str:
    return f"NONE ticks{'' if age is None else f', since {_span(age)}'}"


def _count(number: int) -> str:
    return f"{_COUNTED}+" if number >= _COUNTED else str(number)


def _span(seconds: float) -> str:
    """A time in its largest unit."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{max(0, int(seconds))} s"
