"""`rubis up`: one unit that starts, stops and fails as one."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from psycopg.conninfo import make_conninfo

from app import supervisor
from tests.support.database import Database
from tests.support.ports import free_port
from tests.support.processes import Up, alive, processes_naming, rubis, running_up
from tests.support.waiting import until


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """A stack with a PostgreSQL of its own."""
    with running_up(RUBIS_DATA_DIR=str(tmp_path / "var")) as running:
        yield running


def nothing_left(up: Up) -> None:
    """No process of this stack lives."""
    folder = up.environment["RUBIS_DATA_DIR"]
    until(lambda: not processes_naming(folder), lambda: f"{processes_naming(folder)}", 30)


def test_everything_answers_and_one_signal_stops_it(up: Up) -> None:
    """API, pages, database; then SIGTERM, exit code 0 and nothing left."""
    assert httpx.get(f"http://localhost:{up.environment['PORT']}/healthz").status_code == 200
    assert httpx.get(up.environment["WEB_URL"]).status_code == 200
    printed = rubis("psql", "--", "-Atc", "select current_user", **up.environment)
    assert (printed.returncode, printed.stdout) == (0, "rubis_owner\n")
    assert rubis("psql", "--", "-c", "select 1 / 0", **up.environment).returncode == 1

    began = time.monotonic()
    assert up.end(signal.SIGTERM) == 0
    assert time.monotonic() - began < 15
    nothing_left(up)
    log = (Path(up.environment["RUBIS_DATA_DIR"]) / "postgres/server.log").read_text()
    assert "database system is shut down" in log


def test_ctrl_c_in_a_terminal_stops_it(up: Up) -> None:
    """SIGINT stops everything, and a second one is no worse."""
    up.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    up.process.send_signal(signal.SIGINT)
    assert up.end() == 0
    nothing_left(up)


@pytest.mark.parametrize(("part", "message"), [("worker", "rubis worker"), ("postgres", "PostgreSQL")])
def test_a_part_that_dies_takes_the_rest_down(up: Up, part: str, message: str) -> None:
    """Who watches the unit sees a non-zero exit, and reads which part it was."""
    os.kill(up.child(part), signal.SIGKILL)
    assert up.end() == 1
    assert f"{message}" in up.output
    assert "was killed by SIGKILL; everything stops." in up.output
    nothing_left(up)


def test_killed_itself_it_leaves_no_orphans_and_starts_again(up: Up) -> None:
    """A supervisor killed by `kill -9` leaves no orphans, and the next one starts."""
    children = [up.child(name) for name in ("api", "worker", "web", "postgres")]
    up.end(signal.SIGKILL)
    until(lambda: not any(alive(pid) for pid in children), "a child is alive", 30)
    with running_up(**up.environment) as again:
        assert again.end(signal.SIGTERM) == 0


def test_a_second_one_is_told_of_the_first(up: Up) -> None:
    """On the same data directory; the first is not disturbed."""
    second = rubis("up", **up.environment)
    assert second.returncode == 1
    assert f"process {up.process.pid}" in second.stderr
    assert up.process.poll() is None


def test_a_doctor_finds_a_running_stack_well(up: Up) -> None:
    """The doctor finds every part of a running stack well and exits with 0."""
    until(lambda: rubis("doctor", **up.environment).returncode == 0, "the doctor is not content", 20)


def test_on_a_server_of_the_users_it_starts_none(database: Database) -> None:
    """With DATABASE_URL everything runs there; ps shows no password, which travels in the environment."""
    where = {
        "DATABASE_URL": make_conninfo(database.conninfo(), password="sesame"),
        "RUBIS_DATA_DIR": str(database.data_dir),
    }
    with running_up(**where) as up:
        assert httpx.get(f"http://localhost:{up.environment['PORT']}/readyz").status_code == 200
        assert "PostgreSQL runs" not in up.output
        assert not (database.data_dir / "postgres").exists()
        shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        assert "app.cli api" in shown
        assert "sesame" not in shown
        assert up.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("name", ["PORT", "WEB_URL"])
def test_a_port_in_use_is_named(database: Database, name: str) -> None:
    """With the variable that changes it; nothing else was started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        value = str(port) if name == "PORT" else f"http://localhost:{port}"
        finished = rubis(
            "up",
            **database.environment(PORT="0", **{name: value} if name == "WEB_URL" else {}) | {name: value},
        )
    assert finished.returncode == 1
    assert f"Port {port} of 127.0.0.1 cannot be used" in finished.stderr
    assert name in finished.stderr


def test_a_child_that_ignores_its_signal_is_killed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped process cannot obey; after a while it is not asked any more."""
    monkeypatch.setattr(supervisor, "_STOP_SECONDS", 1)
    said: list[str] = []
    settings = database.settings(port=0, web_url=f"http://localhost:{free_port()}", log_level="error")
    with supervisor.Stack(settings, said.append) as stack:
        web = stack._children["web"]
        os.kill(web.pid, signal.SIGSTOP)
    assert "rubis web has not stopped in 1 s and is killed." in said
    assert web.returncode == -signal.SIGKILL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
