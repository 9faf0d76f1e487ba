"""The whole of Rubis: the API and a worker as processes, and an SMTP server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.database import Database
from tests.support.ports import free_port, wait_for_port
from tests.support.program import Program
from tests.support.smtp import Peer, smtp_peer

WEB_URL = "https://web.rubis.example"


class Stack:
    """What runs, and where."""

    def __init__(self, database: Database, peer: Peer, api: Program, worker: Program, url: str) -> None:
        self.database = database
        self.peer = peer
        self.api = api
        self.worker = worker
        self.url = url

    def a_minute_passes(self) -> None:
        """What was just issued with a due date behind it is now due."""
        self.database.clock.advance(minutes=1, seconds=1)


@contextmanager
def running_stack(
    database: Database, folder: Path, before_worker: str | None = None, **changes: str
) -> Iterator[Stack]:
    """Everything, ready to use. `before_worker` is Python that the worker's process runs first."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with smtp_peer() as peer:
        environment = database.environment(
            **{
                "PORT": str(port),
                "APP_URL": url,
                "WEB_URL": WEB_URL,
                "MAIL_DRIVER": "smtp",
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": str(peer.port),
                "TICK_SECONDS": "0.1",
                "LIMIT_SIGN_IN": "1000/minute",
                "LIMIT_SIGN_IN_PAIR": "1000/minute",
                "LIMIT_SIGN_IN_EMAIL": "1000/minute",
                "LIMIT_INVALID_TOKEN": "1000/minute",
                "LOG_LEVEL": "debug",
                **changes,
            }
        )
        with (
            Program("api", environment, folder) as api,
            Program("worker", environment, folder, before=before_worker) as worker,
        ):
            wait_for_port(port)
            worker.wait_for("worker_started")
            yield Stack(database, peer, api, worker, url)
