"""`rubis migrate`, on the embedded server and on one of the user's."""

from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from tests.support.database import Database
from tests.support.processes import rubis


def test_migrate_starts_the_embedded_server_for_as_long_as_it_needs_it(tmp_path: Path) -> None:
    """Two runs, both from a server that is not running."""
    first = rubis("migrate", RUBIS_DATA_DIR=str(tmp_path / "var"))
    assert first.returncode == 0, first.stderr
    assert "created role rubis_owner" in first.stdout
    assert rubis("migrate", RUBIS_DATA_DIR=str(tmp_path / "var")).stdout == "deployed the functions\n"


def test_a_connection_string_with_its_own_options_still_migrates(database: Database) -> None:
    """`options` in DATABASE_URL are kept beside ours."""
    url = make_conninfo(database.conninfo(), options="-c work_mem=8MB")
    finished = rubis("migrate", **database.environment(DATABASE_URL=url))
    assert finished.returncode == 0, finished.stderr
    with psycopg.connect(url) as connection:
        assert connection.execute("show work_mem").fetchone() == ("8MB",)
