"""`rubis backup` and `rubis restore`."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from app.core.settings import Settings
from app.deploy import archive, backup
from app.deploy import restore as restoration
from app.deploy.archive import BackupError, restoring
from app.deploy.backup import back_up
from app.deploy.migrate import migrate
from app.deploy.restore import restore
from app.postgres import processes
from app.postgres.wheel import client_program
from tests.support.cast import Cast, connected
from tests.support.database import Database, Server, running_server
from tests.support.leaks import forms, found_in
from tests.support.processes import rubis


@pytest.fixture
def cast(database: Database) -> Iterator[Cast]:
    """An organization in a database that other sessions see."""
    with connected(database) as cast:
        yield cast


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    """The administrator's connection string to an empty database."""
    with server.empty_database("restored") as conninfo:
        yield conninfo


@pytest.fixture
def fresh_server() -> Iterator[Server]:
    """A server without our roles."""
    with running_server(int(os.environ.get("RUBIS_TEST_POSTGRES", "18"))) as running:
        yield running


def settings(conninfo: str, folder: Path) -> Settings:
    """Settings of this database; `.env` has no say."""
    return Settings(_env_file=None, database_url=conninfo, rubis_data_dir=folder)


def contents(conninfo: str) -> dict[str, list[str]]:
    """Every row of every table of ours, but when it was migrated and backed up."""
    with psycopg.connect(conninfo) as connection:
        tables = connection.execute(
            "select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
            " where c.relkind = 'r' and n.nspname in ('rubis', 'queue') and"
            " c.relname not in ('deployment', 'backup')"
        ).fetchall()
        query = sql.SQL("select r::text from {} as r order by 1")
        return {
            f"{schema}.{table}": [
                row[0] for row in connection.execute(query.format(sql.Identifier(schema, table)))
            ]
            for schema, table in tables
        }


def broken_rules(conninfo: str) -> list[str]:
    """The audit rules that are not empty."""
    with psycopg.connect(conninfo) as connection:
        return [row[0] for row in connection.execute("select rule from audit.rules where violations > 0")]


def test_a_backup_brings_every_row_back(database: Database, cast: Cast, empty: str) -> None:
    """Into an empty database; the rules are empty there, and our roles have their privileges again."""
    _, token = cast.asked()
    cast.click(token, "pending")
    cast.asked()
    made = back_up(database.settings(), database.data_dir / "backups")
    done = restore(settings(empty, database.data_dir), made.path)
    assert done[-1] == "deployed the functions"
    before = contents(database.conninfo())
    assert contents(empty) == before
    assert before["rubis.checkin_click"]
    assert broken_rules(empty) == []
    with psycopg.connect(make_conninfo(empty, user="rubis_api")) as connection:
        assert connection.execute("select api.readiness() is not null").fetchone() == (True,)


def test_a_backup_counts_the_rows_of_its_own_moment(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invoice that is issued while the dump runs is neither in it nor missed."""
    cast.invoice()
    run = archive.run

    def run_and_issue(*args: object, **kwargs: object) -> str:
        if args[0] == "pg_dump":
            cast.invoice()
        return run(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(backup, "run", run_and_issue)
    made = back_up(database.settings(), database.data_dir)
    assert backup._count_in_file(made.path)["rubis.invoice"] == 1
    assert database.admin.value("select count(*) from rubis.invoice") == 2


def test_a_backup_holds_no_token(database: Database, cast: Cast) -> None:
    """Neither as text nor as the bytes behind it; its hash is there."""
    _, token = cast.asked()
    made = back_up(database.settings(), database.data_dir)
    with restoring(made.path) as lines:
        written = lines.read()
    assert token.plain is not None
    assert found_in(written, forms(token.plain).values()) == []
    assert token.hex().encode() in written


def test_only_its_owner_may_read_a_backup(database: Database) -> None:
    """The file has mode 0600 whatever the umask says, and a folder that is made for it 0700."""
    before = os.umask(0)
    try:
        made = back_up(database.settings(), database.data_dir / "new" / "folder")
    finally:
        os.umask(before)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700


def test_keep_deletes_the_oldest_backups_only(database: Database, tmp_path: Path) -> None:
    """KEEP counts the new one; files of other names stay."""
    old = [f"rubis-2020010{day}T000000Z.dump" for day in range(1, 5)]
    for name in [*old, "rubis.dump", "notes.txt"]:
        (tmp_path / name).touch()
    made = back_up(database.settings(), tmp_path, keep=2)
    assert [path.name for path in made.deleted] == old[:3]
    left = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")}
    assert left == {old[3], made.path.name, "rubis.dump", "notes.txt"}


def test_without_keep_no_backup_is_deleted(database: Database, tmp_path: Path) -> None:
    """Retention is asked for, not assumed."""
    (tmp_path / "rubis-20200101T000000Z.dump").touch()
    assert back_up(database.settings(), tmp_path).deleted == []
    assert len(list(tmp_path.glob("*.dump"))) == 2


def test_a_dump_that_lacks_rows_is_no_backup(
    database: Database, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is read back: one that holds less than the database is refused, and its table named."""
    cast.invoice()
    wrapper = tmp_path / "pg_dump"
    wrapper.write_text(
        f'#!/bin/sh\nexec {client_program("pg_dump")} --exclude-table-data=rubis.invoice "$@"\n'
    )
    wrapper.chmod(0o755)
    monkeypatch.setattr(
        archive, "client_program", lambda name: str(wrapper) if name == "pg_dump" else client_program(name)
    )
    with pytest.raises(BackupError, match=r"does not hold what the database does, in rubis\.invoice\."):
        back_up(database.settings(), tmp_path)
    assert list(tmp_path.glob("rubis-*")) == []


def test_a_leftover_of_a_killed_backup_is_removed(database: Database, tmp_path: Path) -> None:
    """It never had the name of a backup."""
    (tmp_path / "rubis-20200101T000000Z.dump.partial").touch()
    back_up(database.settings(), tmp_path)
    assert list(tmp_path.glob("*.partial")) == []


def test_two_backups_into_one_folder_do_not_run_at_once(database: Database, tmp_path: Path) -> None:
    """The second one says which process is at work."""
    with (
        processes.acquire(tmp_path / ".lock"),
        pytest.raises(BackupError, match=rf"process {os.getpid()}"),
    ):
        back_up(database.settings(), tmp_path)


def test_a_database_that_is_not_empty_is_kept(database: Database, cast: Cast, empty: str) -> None:
    """A restore over it is refused without --replace; with it the backup takes its place."""
    cast.invoice()
    made = back_up(database.settings(), database.data_dir)
    target = settings(empty, database.data_dir)
    migrate(target)
    with psycopg.connect(empty) as connection:
        connection.execute("insert into rubis.public_holiday values ('FR', '2026-12-24', 'closed')")
    with pytest.raises(BackupError, match="is not empty"):
        restore(target, made.path)
    assert "(FR,2026-12-24,closed)" in contents(empty)["rubis.public_holiday"]
    restore(target, made.path, replace=True)
    assert contents(empty) == contents(database.conninfo())


def test_a_database_in_use_is_not_restored(database: Database, empty: str) -> None:
    """A session of the API or a worker refuses it, also with --replace."""
    made = back_up(database.settings(), database.data_dir)
    target = settings(empty, database.data_dir)
    migrate(target)
    with (
        psycopg.connect(make_conninfo(empty, user="rubis_worker")),
        pytest.raises(BackupError, match="stop them first"),
    ):
        restore(target, made.path, replace=True)


@pytest.mark.parametrize("damage", ["cut short", "overwritten"])
def test_a_damaged_backup_changes_nothing(database: Database, cast: Cast, empty: str, damage: str) -> None:
    """All is restored, or what was there before stays."""
    cast.invoice()
    made = back_up(database.settings(), database.data_dir)
    target = settings(empty, database.data_dir)
    migrate(target)
    before = contents(empty)
    content = made.path.read_bytes()
    # The list of contents comes first and is whole; the rows come last.
    made.path.write_bytes(content[:-600] + (b"" if damage == "cut short" else bytes(600)))
    assert restoration._inspect(made.path)
    with pytest.raises(BackupError):
        restore(target, made.path, replace=True)
    assert contents(empty) == before


def test_another_dump_is_not_taken_for_a_backup(database: Database, empty: str, tmp_path: Path) -> None:
    """It is refused before anything is dropped."""
    other = tmp_path / "other.dump"
    archive.run("pg_dump", ["--format=custom", f"--file={other}", f"--dbname={empty}"])
    (tmp_path / "letter.txt").write_text("Dear all")
    target = database.settings()
    with pytest.raises(BackupError, match="is not a backup of Rubis"):
        restore(target, other, replace=True)
    for path in (tmp_path / "letter.txt", tmp_path / "missing.dump"):
        with pytest.raises(BackupError):
            restore(target, path, replace=True)


def test_an_administrator_who_is_no_superuser_backs_up_and_restores(
    fresh_server: Server, tmp_path: Path
) -> None:
    """CREATEROLE and the database suffice, also beside a table that this role may not read."""
    with psycopg.connect(fresh_server.conninfo("postgres"), autocommit=True) as connection:
        connection.execute("create role dba login createrole")
        connection.execute("create database managed owner dba")
        connection.execute("create database elsewhere owner dba")
    with psycopg.connect(fresh_server.conninfo("managed"), autocommit=True) as connection:
        connection.execute("create table public.private as select 1 as one")
    managed = settings(fresh_server.conninfo("managed", "dba"), tmp_path)
    migrate(managed)
    made = back_up(managed, tmp_path)
    restore(settings(fresh_server.conninfo("elsewhere", "dba"), tmp_path), made.path)
    assert contents(fresh_server.conninfo("elsewhere")) == contents(fresh_server.conninfo("managed"))


def test_the_commands_say_what_they_did_and_what_is_wrong(database: Database) -> None:
    """The file and its rows on one line; a refusal on one line, without a traceback."""
    done = rubis("backup", **database.environment())
    assert done.returncode == 0, done.stderr
    path, _, said = done.stdout.partition(": ")
    assert Path(path).parent == database.data_dir / "backups"
    assert "rows" in said
    refused = rubis("restore", path, **database.environment())
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: The database is not empty")
    assert "Traceback" not in refused.stderr


def test_a_database_without_rubis_is_not_backed_up(empty: str, tmp_path: Path) -> None:
    """An empty file would pass for a backup."""
    with pytest.raises(BackupError, match="rubis migrate"):
        back_up(settings(empty, tmp_path), tmp_path)
    assert list(tmp_path.glob("rubis-*")) == []


def test_the_database_knows_when_it_was_backed_up(database: Database) -> None:
    """/metrics, `rubis status` and `rubis doctor` show it; a backup that fails is not noted."""
    assert database.api().call("api.measure_flow")["backup_age_seconds"] is None
    database.clock.set("2026-03-02 10:00+00")
    back_up(database.settings(), database.data_dir)
    database.clock.advance(hours=5)
    with pytest.raises(BackupError):
        back_up(database.settings(), Path("/dev/null/backups"))
    assert database.api().call("api.measure_flow")["backup_age_seconds"] == 5 * 3600
    assert "last backup      5 h ago" in rubis("status", **database.environment()).stdout
    doctor = rubis("doctor", **database.environment()).stdout
    assert "ok   Backup: the last one was made 5 h ago" in doctor
    database.clock.advance(hours=32)
    doctor = rubis("doctor", **database.environment()).stdout
    assert "BAD  Backup: the last one was made 37 h ago" in doctor
