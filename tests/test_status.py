"""`rubis status`: one screen for a person in a hurry."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.status import screen
from tests.support.cast import Cast
from tests.support.database import Database
from tests.support.line import Connections
from tests.support.ports import free_port
from tests.support.processes import rubis


@pytest.fixture
def cast(database: Database) -> Cast:
    """One organization, over connections, so that a process sees what it does."""
    database.clock.set("2026-03-02 10:00 Europe/Paris")
    return Cast(Connections(database))


def status(database: Database, *options: str) -> "subprocess.CompletedProcess[str]":
    """Run the command on this database."""
    return rubis("status", *options, **database.environment())


def test_a_ready_system_is_one_screen_with_exit_code_0(database: Database, cast: Cast) -> None:
    """The worker is named, with since when it works and when it ticked."""
    cast.tick(name="mill:7")
    cast.clock.advance(hours=3)
    cast.tick(name="mill:7")
    cast.clock.advance(seconds=9)
    finished = status(database)
    lines = finished.stdout.splitlines()
    assert (finished.returncode, finished.stderr) == (0, "")
    assert lines[0] == "Rubis  ready  2026-03-02 12:00:09 UTC"
    assert lines[-2].split() == ["workers", "1"]
    assert lines[-1].split() == ["mill:7", "for", "3", "h,", "ticked", "9", "s", "ago"]
    assert len(lines) <= 24


def test_what_is_late_is_shown_with_where_to_look(database: Database, cast: Cast) -> None:
    """Without a worker a due question is late, and the exit code is 1."""
    cast.invoice(due_on="2026-03-01")
    cast.clock.advance(minutes=6)
    finished = status(database)
    assert finished.returncode == 1
    assert finished.stdout.startswith("Rubis  DEGRADED  ")
    (row,) = [line.split() for line in finished.stdout.splitlines() if line.startswith("check-ins  ")]
    assert row == ["check-ins", "1", "1", "0", "0", "since", "5", "min"]
    assert "NONE ticks" in finished.stdout
    assert "rubis psql -- -c 'table audit.stuck_worker'" in finished.stdout
    assert "rubis psql -- -c 'table audit.stuck_checkins'" in finished.stdout
    assert "audit.stuck_mail" not in finished.stdout


def test_blocked_mail_is_said(database: Database, cast: Cast) -> None:
    """After an operator's failure, until a mail is accepted."""
    invoice_id = cast.invoice()
    cast.fail(cast.sending(invoice_id), "operator")
    shown = status(database).stdout
    assert "BLOCKED: no mail leaves; none was accepted yet" in shown
    assert "rubis psql -- -c 'table audit.stuck_mail'" in shown


def test_mail_that_is_all_put_off_is_said(database: Database, cast: Cast) -> None:
    """An hour after the first mail was put off, if none was accepted since."""
    cast.fail(cast.sending(cast.invoice()), "temporary")
    cast.clock.advance(hours=2)
    shown = status(database).stdout
    assert "ALL PUT OFF, first 2 h ago; none was accepted yet" in shown
    assert "last backup      none yet: rubis backup" in shown


def test_json_is_one_line_for_a_program(database: Database, cast: Cast) -> None:
    """With the numbers of /metrics, and the same exit code."""
    cast.tick(name="mill:7")
    finished = status(database, "--json")
    (line,) = finished.stdout.splitlines()
    state = json.loads(line)
    assert finished.returncode == 0
    assert state["work"]["checkin"]["due"] == 0
    assert state["readiness"]["status"] == "ready"
    assert [worker["worker"] for worker in state["ticking"]] == ["mill:7"]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_database_that_is_away_is_said_with_exit_code_3(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Without a traceback, and within seconds."""
    url = f"host=127.0.0.1 port={free_port()} dbname=rubis"
    finished = rubis("status", *options, DATABASE_URL=url, RUBIS_DATA_DIR=str(tmp_path))
    assert (finished.returncode, finished.stderr) == (3, "")
    if options:
        assert json.loads(finished.stdout) == {"error": "The database cannot be reached. Please try again."}
    else:
        assert finished.stdout.startswith("Rubis  NO DATABASE  The database cannot be reached.")


def test_watching_shows_it_again_until_ctrl_c(database: Database, cast: Cast) -> None:
    """The exit code is that of the last screen."""
    cast.tick(name="mill:7")
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "app.cli", "status", "--watch", "--json"],
        env=database.environment(PYTHONPATH=os.getcwd()),  # noqa: PTH109
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["workers"] == 1
        cast.clock.advance(minutes=2)
        states = (json.loads(process.stdout.readline())["workers"] for _ in range(3))
        assert next(count for count in states if count == 0) == 0
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 1


def test_the_fullest_screen_has_24_lines_of_80_characters() -> None:
    """With all that can be wrong, many workers with long names, and counts at their limit."""
    wrong: dict[str, Any] = {"ok": False}
    names = ("checkins", "relances", "user_mails", "worker", "organizations")
    work = {"due": 1000, "overdue": 1000, "in_hand": 1000, "stuck": 1000, "lag_seconds": 10**8}
    worker = {"worker": "w" * 200, "up_seconds": 10**9, "tick_age_seconds": 59}
    state = {
        "at": "2026-03-02T12:00:09.5+00:00",
        "ready": False,
        "tick_age_seconds": 59,
        "readiness": dict.fromkeys(names, wrong)
        | {"mail": wrong | {"last_accepted_at": None, "deferred_since": None}},
        "ticking": [worker] * 40,
        "work": dict.fromkeys(("checkin", "relance", "user_mail"), work),
        "relances_held": {f"a_long_reason_of_a_hold_{number}": 1000 for number in range(9)},
        "relances_unconfirmed": 1000,
        "checkins_held": 1000,
        "backup_age_seconds": 10**9,
        "organizations_failing": 1000,
    }
    lines = screen(state).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert "1000+" in lines[3]
