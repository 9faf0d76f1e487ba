"""Fixtures of the database's tests."""

from collections.abc import Iterator

import psycopg
import pytest
from pytest_postgresql.executors import NoopExecutor

from tests.support.cast import Cast
from tests.support.database import Server, grant_create
from tests.support.line import Transaction
from tests.support.session import connect


@pytest.fixture(scope="session")
def stage(server: Server, template: NoopExecutor) -> Iterator[Cast]:
    """A database of the stories' own, with one organization in it, its clock stopped, its functions warm."""
    with server.empty_database(f"{template.dbname}_stories", template=template.template_dbname) as conninfo:
        with psycopg.connect(conninfo) as connection:
            grant_create(connection)
        session = connect(conninfo, role="rubis_owner", autocommit=False)
        cast = Cast(Transaction(session))
        session.connection.commit()
        yield cast
        session.connection.close()


@pytest.fixture
def cast(stage: Cast) -> Iterator[Cast]:
    """An organization on 2 March 2026 at 10:00 in Paris; what happens to it is rolled back."""
    yield stage
    stage.session.connection.rollback()
