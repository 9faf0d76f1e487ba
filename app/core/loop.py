"""The event loop that our processes run on."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from uvicorn.loops.auto import auto_loop_factory


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """`asyncio.run` on the loop that uvicorn gives the API: uvloop, where there is one."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(main)
