"""`rubis doctor`: what is wrong with an installation, and what to do about it."""

from tests.support.database import Database
from tests.support.ports import free_port
from tests.support.processes import rubis


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
