"""`rubis migrate`: from empty, twice, by several at once."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from app.deploy.administrator import SCHEMAS, MigrationError
from app.deploy.deployment import Release
from app.deploy.migrate import migrate
from tests.support.database import Server, dump
from tests.support.session import Session


def test_an_empty_database_is_brought_to_this_release(empty: str, admin: Session, release: Release) -> None:
    """Everything of the release is there afterwards, and rubis.deployment says so."""
    done = migrate(empty, release)

    assert "applied V0001__baseline.sql" in done
    deployed = {row["component"]: row["checksum"] for row in admin.rows("table rubis.deployment")}
    assert deployed == {component.component: component.checksum for component in release.components()}
    query = "select nspname from pg_namespace where nspowner = 'rubis_owner'::regrole order by 1"
    assert [row["nspname"] for row in admin.rows(query)] == sorted(SCHEMAS)


def test_the_owner_owns_everything_and_is_no_superuser(empty: str, admin: Session, release: Release) -> None:
    """A definer function of a superuser's would be a hole."""
    migrate(empty, release)

    assert not admin.value("select rolsuper or rolcanlogin from pg_roles where rolname = 'rubis_owner'")
    foreign = admin.rows(
        """
        select c.oid::regclass::text as name from pg_class as c
         where c.relnamespace = any (%(schemas)s::regnamespace[]) and c.relowner <> 'rubis_owner'::regrole
        union all
        select p.oid::regprocedure::text from pg_proc as p
         where p.pronamespace = any (%(schemas)s::regnamespace[]) and p.proowner <> 'rubis_owner'::regrole
        """,
        {"schemas": SCHEMAS},
    )
    assert foreign == []


def test_a_second_run_changes_nothing(empty: str, admin: Session, release: Release) -> None:
    """The schema is the same to the letter, and nothing counts as deployed again."""
    migrate(empty, release)
    schema, deployed = dump(empty), admin.rows("table rubis.deployment order by component")

    assert migrate(empty, release) == ["deployed the functions"]

    assert dump(empty) == schema
    assert admin.rows("table rubis.deployment order by component") == deployed


def test_four_at_once_all_succeed(empty: str, tmp_path: Path) -> None:
    """Processes wait for each other: one migrates, the others find it done."""

    def run(_: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app.cli", "migrate"],
            env={"DATABASE_URL": empty, "RUBIS_DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(run, range(4)))

    assert [finished.returncode for finished in runs] == [0] * 4, [finished.stderr for finished in runs]
    assert sum("applied V0001__baseline.sql" in finished.stdout for finished in runs) == 1


def test_a_new_migration_is_applied(empty: str, admin: Session, release: Release) -> None:
    """A file added by a later release runs once, as rubis_owner."""
    migrate(empty, release)
    (release.folder / "migrations" / "V0002__sample.sql").write_text("create table rubis.sample (id int);")

    later = Release(release.folder)
    assert migrate(empty, later) == ["applied V0002__sample.sql", "deployed the functions"]
    assert migrate(empty, later) == ["deployed the functions"]

    assert admin.value("select tableowner from pg_tables where tablename = 'sample'") == "rubis_owner"


@pytest.mark.parametrize("place", ["migrations/V0002__broken.sql", "functions/core/rubis.broken.sql"])
def test_a_failure_names_the_file_and_changes_nothing(empty: str, release: Release, place: str) -> None:
    """One paragraph: which file, what PostgreSQL says; everything of the run is rolled back."""
    migrate(empty, release)
    before = dump(empty)
    (release.folder / "functions" / "core" / "rubis.extra.sql").write_text(
        "create function rubis.extra() returns int language sql set search_path = '' as 'select 1';"
    )
    (release.folder / place).write_text("create table rubis.sample (id int);\nselect 1 / 0;")

    with pytest.raises(MigrationError) as caught:
        migrate(empty, Release(release.folder))

    assert place in str(caught.value)
    assert "division by zero" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert dump(empty) == before


def test_a_body_that_cannot_run_is_refused(empty: str, admin: Session, release: Release) -> None:
    """Functions may stand in any order, so their bodies are checked last; but they are checked."""
    (release.folder / "functions" / "core" / "rubis.broken.sql").write_text(
        "create function rubis.broken() returns int language sql set search_path = '' as 'select no_such';"
    )

    with pytest.raises(MigrationError, match=r"function rubis\.broken\(\): .*no_such"):
        migrate(empty, release)

    assert admin.value("select to_regnamespace('rubis')") is None


def test_an_upgrade_of_procrastinate_is_applied(
    server: Server, empty: str, admin: Session, release: Release
) -> None:
    """Its own upgrade files lead to the same queue as an installation from nothing."""
    steps = release.queue_migrations
    earlier = Release(release.folder)
    earlier.__dict__["queue_migrations"] = {number: steps[number] for number in list(steps)[:-4]}
    with (
        server.empty_database("rubis_queue") as scratch,
        psycopg.connect(scratch, autocommit=True) as connection,
    ):
        connection.execute("create schema queue")
        connection.execute("set search_path = queue")
        for text in earlier.queue_migrations.values():
            connection.execute(text.encode())
        made = dump(scratch, "--schema=queue", "--no-owner").splitlines()
    earlier.__dict__["queue_schema"] = "\n".join(
        line for line in made if not line.startswith(("SET ", "SELECT pg_catalog", "CREATE SCHEMA"))
    )

    assert f"applied Procrastinate's schema {earlier.queue_release}" in migrate(empty, earlier)
    assert migrate(empty, release) == [
        *(f"applied Procrastinate's {number}" for number in list(steps)[-4:]),
        "deployed the functions",
    ]
    assert migrate(empty, release) == ["deployed the functions"]

    upgraded = dump(empty, "--schema=queue")
    admin.execute(f"drop schema {', '.join(SCHEMAS)} cascade")
    migrate(empty, release)
    assert sorted(upgraded.splitlines()) == sorted(dump(empty, "--schema=queue").splitlines())
