"""The embedded PostgreSQL: durable, private, and back again whatever happened."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.core import address
from app.postgres import embedded
from app.postgres.embedded import AlreadyRunningError, EmbeddedPostgres
from app.postgres.wheel import EmbeddedError
from tests.support.database import FAST
from tests.support.processes import alive, postmaster, processes_naming
from tests.support.waiting import until

RUN = """
import sys, time, pathlib
from app.postgres.embedded import EmbeddedPostgres
with EmbeddedPostgres(pathlib.Path(sys.argv[1])):
    print("running", flush=True)
    time.sleep(300)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose server has run once and holds a table."""
    data_dir = tmp_path_factory.mktemp("made") / "var"
    with EmbeddedPostgres(data_dir) as server, psycopg.connect(server.conninfo()) as connection:
        connection.execute("create table kept as select 1 as id")
    return data_dir


@pytest.fixture
def data_dir(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    copy = tmp_path / "var"
    shutil.copytree(made, copy)
    for path in (made, *made.rglob("*")):
        there, owner = copy / path.relative_to(made), path.lstat()
        os.chown(there, owner.st_uid, owner.st_gid)
    return copy


@pytest.fixture
def process(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that runs the server of `data_dir`."""
    runner = subprocess.Popen([sys.executable, "-c", RUN, str(data_dir)], stdout=subprocess.PIPE, text=True)
    assert runner.stdout is not None
    with runner:
        assert runner.stdout.readline() == "running\n"
        yield runner
        runner.kill()


def kept(server: EmbeddedPostgres) -> bool:
    """Whether what was committed is there."""
    with psycopg.connect(server.conninfo()) as connection:
        return connection.execute("select id from kept").fetchone() == (1,)


def test_the_embedded_server_is_durable_and_listens_on_no_network(data_dir: Path) -> None:
    """What is committed survives a power cut; UTC; and the socket is the only way in."""
    with EmbeddedPostgres(data_dir) as server, psycopg.connect(server.conninfo()) as connection:
        wanted = {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "data_checksums": "on",
            "listen_addresses": "",
            "timezone": "UTC",
            "server_encoding": "UTF8",
        }
        assert {name: connection.execute(f"show {name}").fetchone() for name in wanted} == {
            name: (value,) for name, value in wanted.items()
        }


def test_only_its_user_may_enter(data_dir: Path) -> None:
    """Trust authentication is for those who may enter the folder of the socket: its owner and root."""
    with EmbeddedPostgres(data_dir) as server:
        for folder in (data_dir / "postgres", address.socket_folder(data_dir)):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert folder.stat().st_uid == server.account.uid
        if os.geteuid() == 0:
            refused = subprocess.run(
                ["/bin/ls", address.socket_folder(data_dir)],
                user=1234,
                group=1234,
                capture_output=True,
                check=False,
            )
            assert refused.returncode != 0


def test_a_path_too_long_for_a_socket_gets_one_elsewhere(tmp_path: Path) -> None:
    """The kernel allows 107 bytes; the folder elsewhere is as private."""
    data_dir = tmp_path / ("x" * 110)
    with EmbeddedPostgres(data_dir, options=FAST) as server:
        folder = address.socket_folder(data_dir)
        assert not folder.is_relative_to(data_dir)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        psycopg.connect(server.conninfo()).close()
    assert not folder.exists()


def test_a_socket_folder_of_someone_elses_is_refused(tmp_path: Path) -> None:
    """In a shared temporary folder, somebody may have put one there to listen in."""
    data_dir = tmp_path / ("x" * 110)
    folder = address.socket_folder(data_dir)
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    try:
        with pytest.raises(EmbeddedError, match="mode 0700"):
            EmbeddedPostgres(data_dir, options=FAST).start()
    finally:
        if folder.exists():
            folder.rmdir()


def test_two_cannot_run_one_data_directory(data_dir: Path, process: subprocess.Popen[str]) -> None:
    """The second is told who has it, and harms nothing."""
    with pytest.raises(AlreadyRunningError, match=str(process.pid)):
        EmbeddedPostgres(data_dir).start()
    assert embedded.is_running(data_dir)


def test_a_killed_server_comes_back_with_what_was_committed(data_dir: Path) -> None:
    """`kill -9` of the server, and a start at once, while its orphans still hold memory."""
    server = EmbeddedPostgres(data_dir)
    server.start()
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("checkpoint")
        os.kill(postmaster(data_dir), signal.SIGKILL)
        until(lambda: server.exit_code() == -signal.SIGKILL, "the server is not killed")
        server.stop()
    with EmbeddedPostgres(data_dir) as again:
        assert kept(again)


def test_everything_killed_at_once_comes_back(data_dir: Path, process: subprocess.Popen[str]) -> None:
    """As after a power cut: the lock is free, the stale files do not matter."""
    for pid in (process.pid, *processes_naming(str(data_dir))):
        os.kill(pid, signal.SIGKILL)
    until(
        lambda: not any(alive(pid) for pid in (process.pid, *processes_naming(str(data_dir)))),
        lambda: f"{processes_naming(str(data_dir))}",
    )
    with EmbeddedPostgres(data_dir) as again:
        assert kept(again)


def test_the_server_does_not_outlive_its_runner(data_dir: Path, process: subprocess.Popen[str]) -> None:
    """`kill -9` of the process that started it: the server shuts down in good order."""
    pid = postmaster(data_dir)
    process.kill()
    until(lambda: not alive(pid), f"process {pid} is alive")
    assert "database system is shut down" in (data_dir / "postgres/server.log").read_text()


def test_a_server_left_behind_is_stopped_first(data_dir: Path, process: subprocess.Popen[str]) -> None:
    """Even if the guard that should have stopped it was killed too."""
    server = postmaster(data_dir)
    guards = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=True
    )
    for pid in {process.pid, *map(int, guards.stdout.split())} - {server}:
        os.kill(pid, signal.SIGKILL)
    process.wait()
    assert alive(server)
    with EmbeddedPostgres(data_dir) as again:
        assert not alive(server)
        assert kept(again)


def test_a_stale_pid_file_that_names_a_living_stranger_is_no_hindrance(data_dir: Path) -> None:
    """After a reboot the number in it may be any program's, as of the same user."""
    EmbeddedPostgres(data_dir).__enter__().stop()
    server = EmbeddedPostgres(data_dir)
    with server.account.popen(["/bin/sleep", "300"]) as stranger:
        pid_file = data_dir / "postgres/cluster/postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{data_dir}\n1\n5432\n\n\n\n")
        with server:
            assert kept(server)
        assert stranger.poll() is None
        stranger.kill()


def test_an_interrupted_beginning_leaves_nothing_half_done(tmp_path: Path) -> None:
    """A cluster exists whole or not at all."""
    half = tmp_path / "var/postgres/cluster.new"
    half.mkdir(parents=True)
    half.parent.chmod(0o700)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path / "var", options=FAST) as server:
        psycopg.connect(server.conninfo()).close()
    assert not half.exists()


def test_a_cluster_keeps_its_major_version(tmp_path: Path) -> None:
    """An upgraded program does not start another version on old files."""
    with EmbeddedPostgres(tmp_path / "var", major=16, options=FAST):
        pass
    with (
        EmbeddedPostgres(tmp_path / "var", options=FAST) as server,
        psycopg.connect(server.conninfo()) as connection,
    ):
        assert connection.info.server_version // 10000 == 16


def test_a_start_that_fails_shows_the_servers_own_words(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of its log, and the data directory is free again."""
    monkeypatch.setattr(embedded, "_START_ATTEMPTS", 1)
    with pytest.raises(EmbeddedError, match='unrecognized configuration parameter "no_such_setting"'):
        EmbeddedPostgres(data_dir, options={"no_such_setting": "1"}).start()
    with EmbeddedPostgres(data_dir) as server:
        assert kept(server)
