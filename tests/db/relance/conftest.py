"""Fixtures of the relances' tests."""

import pytest

from tests.support.cast import Cast
from tests.support.letters import calendar


@pytest.fixture
def known(cast: Cast) -> Cast:
    """The cast, its public holidays known, so that letters may leave."""
    calendar(cast)
    return cast
