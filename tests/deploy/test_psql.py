"""`rubis psql`: psql on the current database, as the user that its arguments name."""

from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from tests.support.database import Database
from tests.support.processes import rubis


def test_psql_without_a_running_server_says_how_to_start_it(tmp_path: Path) -> None:
    """Without a running server `rubis psql` starts nothing and says how to start one."""
    finished = rubis("psql", RUBIS_DATA_DIR=str(tmp_path))
    assert finished.returncode == 1
    assert "rubis up" in finished.stderr
    assert list(tmp_path.iterdir()) == []


def test_psql_passes_its_arguments_and_its_exit_code_through(database: Database) -> None:
    """As the owner, so that what a DBA makes is not the superuser's."""
    run = ("psql", "--", "--no-psqlrc", "-At", "-v", "who=you", "-c")
    finished = rubis(*run, "select current_user", **database.environment())
    assert (finished.returncode, finished.stdout) == (0, "rubis_owner\n")
    assert (
        rubis(
            "psql", "--", "-v", "ON_ERROR_STOP=1", "-f", "/no/such/file", **database.environment()
        ).returncode
        == 1
    )


@pytest.mark.parametrize(
    "args",
    [
        ["-d", "no_such_database"],
        ["-dno_such_database"],
        ["--dbname=no_such_database"],
        ["no_such_database"],
        ["-d", "dbname=no_such_database"],
        ["postgresql:///no_such_database"],
    ],
)
def test_psql_opens_the_database_that_its_arguments_name(database: Database, args: list[str]) -> None:
    """The database's name replaces ours, in each form that psql takes."""
    finished = rubis("psql", "--", *args, **database.environment())
    assert finished.returncode == 2
    assert 'database "no_such_database" does not exist' in finished.stderr


@pytest.mark.parametrize(
    "args",
    [
        ["-U", "rubis_auditor"],
        ["-Urubis_auditor"],
        ["-AtU", "rubis_auditor"],
        ["--username", "rubis_auditor"],
        ["--username=rubis_auditor"],
        ["--user=rubis_auditor"],
        ["{name}", "rubis_auditor"],
        ["-d", "{name}", "rubis_auditor"],
        ["-d", "user=rubis_auditor"],
        ["-U", "postgres", "postgresql://rubis_auditor@/{name}"],
    ],
)
def test_psql_connects_as_the_user_that_its_arguments_name(database: Database, args: list[str]) -> None:
    """As that user and not as the owner, in each form that psql takes."""
    named = [arg.format(name=database.dbname) for arg in args]
    finished = rubis(
        "psql", "--", "--no-psqlrc", "-At", "-c", "select session_user, current_user", *named,
        **database.environment(),
    )  # fmt: skip
    assert (finished.returncode, finished.stdout) == (0, "rubis_auditor|rubis_auditor\n")


def test_psql_passes_options_with_empty_values(database: Database) -> None:
    """`-F ''` separates columns by nothing, and `-c` keeps its order."""
    run = ("psql", "--", "--no-psqlrc", "-At", "-F", "", "-c", "select 1, 2", "--command=select 3")
    assert rubis(*run, **database.environment()).stdout == "12\n3\n"


def test_psql_tells_of_a_bad_option_itself(database: Database) -> None:
    """A bad option gets psql's own message and exit code."""
    finished = rubis("psql", "--", "--no-such-option", **database.environment())
    assert finished.returncode == 1
    assert "unrecognized option" in finished.stderr


def test_psql_refuses_more_than_a_database_and_a_user(database: Database) -> None:
    """A third word is refused by name, and nothing is opened."""
    finished = rubis("psql", "--", "rubis", "rubis_auditor", "more", **database.environment())
    assert finished.returncode == 1
    assert "no further argument: more" in finished.stderr


def test_our_password_is_not_given_to_another_user(database: Database) -> None:
    """A user that the arguments name gets PGPASSWORD as the caller set it."""
    url = make_conninfo(database.conninfo(), password="sesame")
    run = ("psql", "--", "--no-psqlrc", "-U", "rubis_auditor", "-c", r"\! echo password:$PGPASSWORD")
    shown = rubis(*run, **database.environment(DATABASE_URL=url, PGPASSWORD="own"))
    assert shown.stdout == "password:own\n"


def test_psql_hides_the_password_from_ps_and_passes_it_on(database: Database) -> None:
    """The password is in the environment of psql and not among its arguments."""
    url = make_conninfo(database.conninfo(), password="sesame")
    shown = rubis(
        "psql",
        "--",
        "-Atc",
        r"\echo :HOST",
        "-c",
        r"\! ps -o args= -p $PPID; echo $PGPASSWORD",
        **database.environment(DATABASE_URL=url),
    )
    arguments, password = shown.stdout.splitlines()[-2:]
    assert "sesame" not in arguments
    assert password == "sesame"
