"""`rubis demo`, as a stranger runs it."""

import functools
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from app.demo.user import last_day_asked
from tests.support.ports import free_port
from tests.support.processes import processes_naming, rubis
from tests.support.waiting import until


def demo_environment(folder: Path) -> dict[str, str]:
    return {
        "RUBIS_DATA_DIR": str(folder),
        "PORT": str(free_port()),
        "WEB_URL": f"http://localhost:{free_port()}",
    }


def _tells(printed: Path, told: str) -> bool:
    return told in printed.read_text()


def test_demo_once_sees_everything(tmp_path: Path) -> None:
    """`rubis demo --once` sees each step and exits 0 in under a minute, leaving no process behind."""
    began = time.monotonic()
    done = rubis("demo", "--once", **demo_environment(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began < 60
    assert "All of it was seen." in done.stdout
    for part in (
        "paid via check-in",
        "step 1 cancelled (invoice paid)",
        "already_answered",
        "expired",
        "invalid",
        "mail to Léa Martin <lea@example.com>: 2 factures payées\u202f?",
        "1. Facture F-2026-001",
        "2. Facture F-2026-002",
        "mail to Boulangerie Dupont <dupont@example.com>: 3 factures",
        "mail to Boulangerie Dupont <dupont@example.com>: 2 factures",
        "step 1 sent, step 2 scheduled",
        "Paiement noté",
        "checkin_contradicted (paid, then still pending: taken back)",
        "checkin_undone (paid taken back, via receipt)",
        "step 1 held",
        "asked again: Facture F-2026-003 payée",
        "asked again: 3 factures payées",
        "step 1 sent, step 2 cancelled (invoice paid)",
        "step 1 sent, step 2 sent, step 3 scheduled",
    ):
        assert part in done.stdout
    assert processes_naming(str(tmp_path)) == {}


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-23T00:21", date(2026, 11, 22)),
        ("2026-11-23T08:59", date(2026, 11, 22)),
        ("2026-11-23T09:00", date(2026, 11, 23)),
        ("2026-11-23T23:59", date(2026, 11, 23)),
        ("2026-03-29T09:00", date(2026, 3, 29)),
        ("2026-10-25T08:59", date(2026, 10, 24)),
    ],
)
def test_the_demo_works_at_any_hour(moment: str, day: date) -> None:
    """What falls due is a day whose question has come: at nine, on the days that clocks change too."""
    now = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Paris"))
    assert last_day_asked(now) == day


def test_a_database_of_the_users_is_left_alone(tmp_path: Path) -> None:
    """The demonstration moves rows in time, so it refuses any database but its own."""
    done = rubis(
        "demo", "--once", DATABASE_URL="postgresql://nobody@127.0.0.1:1/x", RUBIS_DATA_DIR=str(tmp_path)
    )
    assert done.returncode != 0
    assert "unset DATABASE_URL" in done.stderr


def test_the_demo_stays_up_for_a_click(tmp_path: Path) -> None:
    """`rubis demo` shows the mail of two questions, tells what each click brought about, ends on Ctrl-C."""
    printed = tmp_path / "printed"
    with printed.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "app.cli", "demo"],
            env=os.environ | {"PYTHONPATH": str(Path.cwd())} | demo_environment(tmp_path / "var"),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
        )
        try:
            until(lambda: "click the links above" in printed.read_text(), printed.read_text)
            [door] = re.findall(r"signed in  (http\S+)", printed.read_text())
            assert "Léa Martin" in httpx.get(door, follow_redirects=True).text
            assert httpx.get(f"{door}x").status_code == 404
            paid, _ = re.findall(r"http\S+/paid$", printed.read_text(), re.MULTILINE)
            _, pending = re.findall(r"http\S+/pending$", printed.read_text(), re.MULTILINE)
            for link in (paid, pending):
                assert httpx.get(link).status_code == 302
            for told in ("paid via check-in", "checkin_answered (still pending, via check-in)"):
                until(functools.partial(_tells, printed, told), printed.read_text, 30)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            try:
                code = process.wait(30)
            finally:
                process.kill()  # with it, its guard ends the rest
    assert code == 0, printed.read_text()
    assert processes_naming(str(tmp_path)) == {}
