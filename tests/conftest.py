"""Fixtures of all tests. One PostgreSQL per process, of the major version RUBIS_TEST_POSTGRES (16 or 18; 18).

`tx`        a transaction on a shared database, rolled back: the fastest, for one session's view of a function
`database`  a clone of a migrated template, for several sessions, processes, commits
`server`    the server, for tests of migrations and the like
"""

import contextlib
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pytest_postgresql import factories
from pytest_postgresql.executors import NoopExecutor

from app.core.settings import Settings
from app.deploy.migrate import migrate
from tests.support.database import Database, Server, copy_release, grant_create, running_server
from tests.support.session import OpenSession, Session, connect


def pytest_configure() -> None:
    """A developer's own settings have no say in tests; nor does the time zone of the machine.

    Nor does how the run was started: a shell without job control has what it puts in the background ignore
    SIGINT, and the programs that tests start, and stop with Ctrl-C, would inherit that.
    """
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """`@pytest.mark.anyio` tests run on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """This process's PostgreSQL: each worker of `pytest -n` has its own."""
    with running_server(int(os.environ.get("RUBIS_TEST_POSTGRES", "18"))) as running:
        yield running


def load_schema(host: str, port: int, user: str, dbname: str, **_: object) -> None:
    """Migrate the template: pytest-postgresql calls this once, with its address."""
    with tempfile.TemporaryDirectory() as folder:
        release = copy_release(Path(folder) / "db")
        migrate(make_conninfo(host=host, port=port, user=user, dbname=dbname), release)


template = factories.postgresql_noproc(depends_on="server", dbname="rubis_test", load=[load_schema])
clone = factories.postgresql("template")


@pytest.fixture
def database(server: Server, clone: psycopg.Connection[Any], tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty database of this test's own."""
    grant_create(clone)
    with ExitStack() as cleanup:
        yield Database(server, clone.info.dbname, cleanup, tmp_path)


@pytest.fixture(scope="session")
def shared(server: Server, template: NoopExecutor) -> Iterator[str]:
    """The connection string of the migrated, empty database of all `tx`."""
    with server.empty_database(f"{template.dbname}_shared", template=template.template_dbname) as conninfo:
        with psycopg.connect(conninfo) as connection:
            grant_create(connection)
        yield conninfo


@pytest.fixture
def open_session() -> Iterator[OpenSession]:
    """`tests.support.session.connect`, its sessions closed at the test's end."""
    with ExitStack() as cleanup:

        def open_one(conninfo: str, role: str | None = None, *, autocommit: bool = True) -> Session:
            session = connect(conninfo, role, autocommit=autocommit)
            cleanup.callback(session.connection.close)
            return session

        yield open_one


@pytest.fixture
def tx(shared: str) -> Iterator[Session]:
    """A session acting as rubis_owner, in a transaction that is rolled back.

    `with tx.acting_as("rubis_api"):` changes the role for a while.
    """
    session = connect(shared, role="rubis_owner", autocommit=False)
    with contextlib.closing(session.connection):
        yield session
        session.connection.rollback()
