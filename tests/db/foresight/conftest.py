"""Fixtures of the tests of what is foretold."""

import pytest

from tests.support.cast import Cast
from tests.support.letters import calendar, proven


@pytest.fixture
def known(cast: Cast) -> Cast:
    """The cast, its user's address proven and its public holidays known, so that letters may leave."""
    calendar(cast)
    proven(cast)
    return cast
