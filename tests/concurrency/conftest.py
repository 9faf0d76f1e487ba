"""Fixtures of the races. Whatever a test does, no session of it may end in a deadlock."""

from collections.abc import Iterator

import pytest
from pytest_postgresql.executors import NoopExecutor

from tests.support.cast import Cast, connected
from tests.support.database import Database, Server
from tests.support.letters import proven
from tests.support.race import Race
from tests.support.shared import shared_database


@pytest.fixture(scope="session")
def arena(
    server: Server, template: NoopExecutor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The database of all races but the worker's ticks, which look at every organization."""
    with shared_database(server, template, "rubis_races", tmp_path_factory.mktemp("races")) as database:
        yield database


@pytest.fixture
def race(arena: Database) -> Iterator[Race]:
    """Sessions to race with."""
    yield from _watched(Race(arena))


@pytest.fixture
def own_race(database: Database) -> Iterator[Race]:
    """The same in a database of the test's own."""
    yield from _watched(Race(database))


@pytest.fixture
def cast(arena: Database) -> Iterator[Cast]:
    """An organization of the test's own, whose address is proven: it may be asked at any time."""
    with connected(arena) as cast:
        proven(cast)
        yield cast


def _watched(race: Race) -> Iterator[Race]:
    before = race.deadlocks()
    yield race
    assert race.deadlocks() == before + race.deadlocks_on_purpose
