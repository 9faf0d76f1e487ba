"""Fixtures of the relances' tests."""

import pytest

from tests.support.letters import calendar
from tests.support.story import Story


@pytest.fixture
def known(story: Story) -> Story:
    """The story, its public holidays known, so that letters may leave."""
    calendar(story)
    return story
