"""A migrated database that the tests of a module or folder share: cloning one costs half a second."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from pytest_postgresql.executors import NoopExecutor

from tests.support.database import Database, Server, grant_create


@contextmanager
def shared_database(server: Server, template: NoopExecutor, name: str, folder: Path) -> Iterator[Database]:
    """A clone of the migrated template. Its tests keep apart by organizations of their own."""
    with (
        server.empty_database(name, template=str(template.template_dbname)) as conninfo,
        ExitStack() as cleanup,
    ):
        with psycopg.connect(conninfo) as connection:
            grant_create(connection)
        yield Database(server, name, cleanup, folder)
