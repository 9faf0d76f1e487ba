"""One running stack for all tests of the whole flow; each has a user of its own."""

from collections.abc import Iterator

import pytest
from pytest_postgresql.executors import NoopExecutor

from tests.support.database import Server
from tests.support.person import Person
from tests.support.shared import shared_database
from tests.support.stack import Stack, running_stack


@pytest.fixture(scope="session")
def stack(
    server: Server, template: NoopExecutor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The API, a worker and an SMTP server."""
    folder = tmp_path_factory.mktemp("stack")
    with (
        shared_database(server, template, "rubis_stack", folder) as database,
        running_stack(database, folder) as stack,
    ):
        yield stack


@pytest.fixture
def ana(stack: Stack) -> Iterator[Person]:
    """A user who has just registered."""
    with Person(stack) as ana:
        yield ana
