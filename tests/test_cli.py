"""The commands that look, and what they say when something is missing."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from app.cli import main
from tests.support.ports import free_port, wait_for_port
from tests.support.processes import rubis

_COMMANDS = (
    *("up", "demo", "migrate", "api", "worker", "web", "outbox"),
    *("backup", "restore", "psql", "doctor", "status"),
)


def test_every_command_has_help() -> None:
    """`rubis --help` lists them, each explains itself."""
    listed = CliRunner().invoke(main, ["--help"]).output
    for name in _COMMANDS:
        assert f"\n  {name} " in listed
        assert len(CliRunner().invoke(main, [name, "--help"]).output) > 150


def test_the_api_collects_less_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has at its start is never looked through again, and what requests leave not every moment."""
    before, seen = gc.get_threshold(), []

    class Server:
        def run(self) -> None:
            seen.append((gc.get_freeze_count(), gc.get_threshold()[0]))

    monkeypatch.setattr("app.api.main.create_server", lambda _settings: Server())
    monkeypatch.setattr("app.core.logs.configure", lambda _settings: None)
    try:
        CliRunner().invoke(main, ["api"], catch_exceptions=False)
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
    [(frozen, allocations)] = seen
    assert frozen > 10_000
    assert allocations >= 10_000


@pytest.mark.parametrize("command", ["psql", "migrate"])
def test_a_database_that_is_not_there_is_said_so(tmp_path: Path, command: str) -> None:
    """A database that is not there is named without a traceback."""
    url = f"host=127.0.0.1 port={free_port()} dbname=rubis"
    finished = rubis(command, DATABASE_URL=url, RUBIS_DATA_DIR=str(tmp_path))
    assert finished.returncode == 1
    assert "cannot be reached" in finished.stderr
    assert "Traceback" not in finished.stderr


def put_into_outbox(folder: Path, number: int) -> None:
    """Write a mail as the file driver does."""
    folder.mkdir(exist_ok=True)
    (folder / f"2026010{number}T000000.000000Z-{number}.eml").write_bytes(
        f"Date: Thu, 0{number} Jan 2026 00:00:00 +0000\nFrom: c@d.example\nTo: a@b.example\n"
        f"Subject: mail {number}\n\nhttp://localhost/x/{number}\n".encode()
    )


def listed_mails(data_dir: Path) -> list[tuple[str, str]]:
    """The number and the subject of each line that `rubis outbox` prints."""
    lines = rubis("outbox", RUBIS_DATA_DIR=str(data_dir)).stdout.splitlines()[:-1]
    return [(line.split()[0], line[line.index("mail ") :]) for line in lines]


def test_a_mail_keeps_its_number_when_another_arrives(tmp_path: Path) -> None:
    """`rubis outbox` lists the newest mail first and numbers mails from the oldest."""
    put_into_outbox(tmp_path / "outbox", 1)
    assert listed_mails(tmp_path) == [("1", "mail 1")]
    put_into_outbox(tmp_path / "outbox", 2)
    assert listed_mails(tmp_path) == [("2", "mail 2"), ("1", "mail 1")]


def test_outbox_shows_the_mail_of_a_number(tmp_path: Path) -> None:
    """The links are plain, as they were sent; a number without a mail is an error."""
    for number in (1, 2):
        put_into_outbox(tmp_path / "outbox", number)
    assert "\nhttp://localhost/x/2\n" in rubis("outbox", "2", RUBIS_DATA_DIR=str(tmp_path)).stdout
    assert rubis("outbox", "3", RUBIS_DATA_DIR=str(tmp_path)).returncode == 1


def test_the_outbox_of_nobody_is_empty(tmp_path: Path) -> None:
    """An outbox without a folder is empty and no error."""
    finished = rubis("outbox", RUBIS_DATA_DIR=str(tmp_path))
    assert finished.returncode == 0
    assert "No mail" in finished.stdout


def test_result_pages_behind_a_proxy_listen_on_a_port_that_is_named(tmp_path: Path) -> None:
    """The address of WEB_URL is the proxy's then: without --port the refusal names the option."""
    refused = rubis("web", WEB_URL="https://web.rubis.example")
    assert refused.returncode == 1
    assert "--port" in refused.stderr
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", "web", "--port", str(port)],
        env=os.environ | {"PYTHONPATH": str(Path.cwd()), "WEB_URL": "https://web.rubis.example"},
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for_port(port)
            page = httpx.get(f"http://127.0.0.1:{port}/checkin/paid")
            assert page.status_code == 200
        finally:
            process.terminate()
