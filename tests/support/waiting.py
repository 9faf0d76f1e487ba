"""The one way in which tests wait for what another process or thread does."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0  # seconds; a busy machine takes ten to start a program


def until(
    look: Callable[[], T | None],
    why: Callable[[], str] | str,
    seconds: float = PATIENCE,
    pause: float = 0.03,
) -> T:
    """Look until there is something (not None, not False), and return it; fail with `why` after so long."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        assert time.monotonic() < deadline, why if isinstance(why, str) else why()
        time.sleep(pause)
