"""Procrastinate alone: how many jobs that do nothing one process runs per second.

`python -m bench.peers.noop_jobs JOBS CONCURRENCY` on the database DATABASE_URL; prints seconds from the first
job to the last.
"""

import asyncio
import os
import sys
import time

import procrastinate
from procrastinate.types import JSONDict


async def main(jobs: int, concurrency: int) -> float:
    """Put the jobs into the queue, run them all."""
    connector = procrastinate.PsycopgConnector(
        conninfo=os.environ["DATABASE_URL"], kwargs={"options": "-c search_path=queue,pg_temp"}
    )
    app = procrastinate.App(connector=connector)
    moments: list[float] = []

    @app.task(name="nothing", queue="bench")
    async def _nothing(number: int) -> None:  # noqa: ARG001  jobs have arguments
        moments.append(time.perf_counter())

    arguments: list[JSONDict] = [{"number": number} for number in range(jobs)]
    async with app.open_async():
        await app.configure_task("nothing", queue="bench").batch_defer_async(*arguments)
        await app.run_worker_async(
            queues=["bench"],
            concurrency=concurrency,
            wait=False,
            delete_jobs="always",
            install_signal_handlers=False,
        )
    assert len(moments) == jobs
    return moments[-1] - moments[0]


if __name__ == "__main__":
    print(asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]))))
