"""The commands that look, and what bad settings lead to."""

import gc
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import make_conninfo

from app.cli import main
from tests.support.database import Database
from tests.support.ports import free_port
from tests.support.processes import rubis


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "ninety"), ("MAIL_DRIVER", "pigeon"), ("TICK_SECONDS", "0"), ("SMTP_TLS", "maybe")],
)
def test_a_bad_setting_is_named_without_a_traceback(name: str, value: str) -> None:
    """The variable, what it should be, exit code 1."""
    finished = rubis("doctor", **{name: value})
    assert finished.returncode == 1
    assert f"  {name}: " in finished.stderr
    assert "Traceback" not in finished.stderr


def test_every_command_has_help() -> None:
    """`rubis --help` lists them, each explains itself."""
    listed = CliRunner().invoke(main, ["--help"]).output
    for name in ("up", "demo", "migrate", "api", "worker", "web", "outbox", "psql", "doctor"):
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
    """No traceback."""
    url = f"host=127.0.0.1 port={free_port()} dbname=rubis"
    finished = rubis(command, DATABASE_URL=url, RUBIS_DATA_DIR=str(tmp_path))
    assert finished.returncode == 1
    assert "cannot be reached" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_psql_without_a_running_server_says_how_to_start_it(tmp_path: Path) -> None:
    """It starts nothing by itself."""
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
    """The message and the exit code are psql's own."""
    finished = rubis("psql", "--", "--no-such-option", **database.environment())
    assert finished.returncode == 1
    assert "unrecognized option" in finished.stderr


def test_psql_refuses_more_than_a_database_and_a_user(database: Database) -> None:
    """A third word is named and nothing is opened."""
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
    """In the environment of psql."""
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


def test_migrate_starts_the_embedded_server_for_as_long_as_it_needs_it(tmp_path: Path) -> None:
    """Two runs, both from a server that is not running."""
    first = rubis("migrate", RUBIS_DATA_DIR=str(tmp_path / "var"))
    assert first.returncode == 0, first.stderr
    assert "created role rubis_owner" in first.stdout
    assert rubis("migrate", RUBIS_DATA_DIR=str(tmp_path / "var")).stdout == "deployed the functions\n"


def test_doctor_says_what_is_wrong_and_what_to_do(database: Database) -> None:
    """Each bad thing on a line of its own; exit code 1."""
    database.admin.execute("update rubis.deployment set checksum = 'other' where component = 'functions'")
    finished = rubis(
        "doctor",
        **database.environment(
            MAIL_DRIVER="smtp",
            SMTP_HOST="127.0.0.1",
            SMTP_PORT=str(free_port()),
            PORT=str(free_port()),
            WEB_URL="https://app.example",
            WORKER_DATABASE_URL=database.conninfo("no_such_role"),
        ),
    )
    lines = {line[5:].split(":")[0]: line for line in finished.stdout.splitlines()}
    assert finished.returncode == 1
    assert "functions: not this release's. Run `rubis migrate`" in lines["Schema"]
    assert 'role "no_such_role" does not exist' in lines["Worker's database role"]
    assert "none has ever ticked. Start one" in lines["Worker"]
    assert lines["Mail"].startswith("BAD")
    assert lines["API's database role"] == "ok   API's database role: rubis_api logs in"


def test_doctor_lists_the_calendars_that_have_no_holidays(database: Database) -> None:
    """A calendar that no worker has filled is bad; one that has weekends only is well, and named."""
    database.admin.execute(
        "insert into rubis.organization (name, country) values ('Kyiv', 'UA'), ('Riyadh', 'SA')"
    )
    database.admin.execute(
        "insert into rubis.holiday_year (calendar, year)"
        " values ('UA', extract(year from rubis.clock())::smallint)"
    )
    lines = {
        line[5:].split(":")[0]: line for line in rubis("doctor", **database.environment()).stdout.splitlines()
    }
    assert lines["Public holidays"].startswith(
        "BAD  Public holidays: 2 calendars in use; not filled yet: SA; weekends only: UA. Start a worker"
    )


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
    """And no error."""
    finished = rubis("outbox", RUBIS_DATA_DIR=str(tmp_path))
    assert finished.returncode == 0
    assert "No mail" in finished.stdout


def test_a_connection_string_with_its_own_options_still_migrates(database: Database) -> None:
    """`options` in DATABASE_URL are kept beside ours."""
    url = make_conninfo(database.conninfo(), options="-c work_mem=8MB")
    finished = rubis("migrate", **database.environment(DATABASE_URL=url))
    assert finished.returncode == 0, finished.stderr
    with psycopg.connect(url) as connection:
        assert connection.execute("show work_mem").fetchone() == ("8MB",)
