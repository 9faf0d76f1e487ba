"""Fixtures of the tests of rights."""

from collections.abc import Iterator

import pytest

from tests.support.cast import Cast
from tests.support.world import World


@pytest.fixture(scope="module")
def both(stage: Cast) -> Iterator[World]:
    """Two organizations, for a module."""
    yield World(stage.line)
    stage.session.connection.rollback()


@pytest.fixture
def world(both: World) -> Iterator[World]:
    """The same, as they were before each test."""
    with both.session.connection.transaction(force_rollback=True):
        yield both
