"""The whole of Rubis on a durable server of its own; each part may be killed and is started again."""

import contextlib
import os
import random
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

import httpx
import psycopg

from tests.support.database import Database
from tests.support.island import Island, island
from tests.support.ports import free_port, wait_for_port
from tests.support.program import Program
from tests.support.search import Search, search_files, tokens_of
from tests.support.smtp import Peer, listening
from tests.support.stack import WEB_URL
from tests.support.waiting import until

Target = Literal["api", "worker", "postmaster", "backend"]

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""What production has and other tests do without."""

SEND_LEASE = 6.0
QUEUE_LEASE = 8.0
"""Seconds, instead of 3 and 10 minutes: what a dead worker held is taken back while the test waits."""

CONCURRENCY = 10
"""Mails that one worker hands over at once: WORKER_CONCURRENCY's default."""

HANDED_OVER = 3 * CONCURRENCY
"""Mails that one worker may have handed over and not recorded yet: it records them after half a second, in
which the peer's latency of 0.4 s lets two more leave for each."""


class Site:
    """A server, an SMTP peer, and as many APIs and workers as a test starts."""

    def __init__(self, home: Island, peer: Peer, cleanup: ExitStack, folder: Path) -> None:
        self.home = home
        self.folders = [home.folder, folder]
        self.peer = peer
        self.folder = folder
        self.ports: list[int] = []
        self.apis: list[Program] = []
        self.workers: list[Program] = []
        self.kills: dict[Target, int] = {}
        self.logs: list[Path] = []
        self.variables: dict[str, str] = {}
        self.post = ExitStack()
        self._cleanup = cleanup
        self._cleanup.enter_context(self.post)
        self.post.enter_context(listening(peer))
        self.database: Database = home.database()

    @property
    def url(self) -> str:
        """Where the first API answers."""
        return f"http://127.0.0.1:{self.ports[0]}"

    def start_api(self) -> Program:
        """One more API, on a port of its own. Not waited for."""
        self.ports.append(free_port())
        self.apis.append(self._program("api", self.ports[-1]))
        return self.apis[-1]

    def start_worker(self) -> Program:
        """One more worker. Not waited for."""
        self.workers.append(self._program("worker", self.ports[0]))
        return self.workers[-1]

    def wait_until_ready(self) -> None:
        """Return once every API listens and every worker has started."""
        for port in self.ports:
            wait_for_port(port, 60)
        for worker in self.workers:
            until(lambda worker=worker: worker.events("worker_started"), worker.log, 60)  # type: ignore[misc]

    def start(self, apis: int = 1, workers: int = 1) -> None:
        """Start so many of each, and wait for them."""
        for _ in range(apis):
            self.start_api()
        for _ in range(workers):
            self.start_worker()
        self.wait_until_ready()

    def kill(self, target: Target, rng: random.Random) -> None:
        """SIGKILL one of these, and start it again as a service manager would."""
        self.kills[target] = self.kills.get(target, 0) + 1
        if target == "api":
            which = rng.randrange(len(self.apis))
            self.apis[which].kill()
            self.apis[which] = self._program("api", self.ports[which])
        elif target == "worker":
            which = rng.randrange(len(self.workers))
            self.workers[which].kill()
            self.workers[which] = self._program("worker", self.ports[0])
        elif target == "backend":
            self._kill_backend(rng)
        else:
            self.home.postgres._server.kill()  # type: ignore[union-attr]
            self.restart_postgres()

    def restart_postgres(self) -> None:
        """Start the server again, whatever ended it."""
        self.home.postgres.stop()
        self.home.postgres.start()
        self.reconnect()

    def stop_postgres(self) -> None:
        """Stop the server in good order; `restart_postgres` brings it back."""
        self.home.postgres.stop()

    def move_to(self, home: Island) -> None:
        """Go on with another server: one API and one worker, at the same address as before."""
        self.home = home
        self.folders.append(home.folder)
        self.reconnect()
        self.apis = [self._program("api", self.ports[0])]
        self.workers = [self._program("worker", self.ports[0])]
        self.wait_until_ready()

    def reconnect(self) -> None:
        """New sessions: those of before are dead."""
        self.database = until(self._new_database, "the server does not take sessions", 60)

    @contextmanager
    def mail_down(self) -> Iterator[None]:
        """Within: nothing listens where mail is to be handed over."""
        self.post.close()
        try:
            yield
        finally:
            self.post.enter_context(listening(self.peer))

    def server_log(self) -> str:
        """All that PostgreSQL has logged."""
        return self.home.postgres.log_file.read_text(errors="replace")

    def _new_database(self) -> Database | None:
        with contextlib.suppress(psycopg.OperationalError):
            return self.home.database()
        return None

    def _kill_backend(self, rng: random.Random) -> None:
        """A backend that is killed takes all sessions along: the postmaster starts over by itself."""
        pids = [
            row["pid"]
            for row in self.database.admin.rows(
                "select pid from pg_stat_activity where usename in ('rubis_api', 'rubis_worker') order by pid"
            )
        ]
        if pids:
            os.kill(rng.choice(pids), signal.SIGKILL)
            until(self._lost, "the server goes on as if nothing had happened", 20)
        self.reconnect()

    def _lost(self) -> bool:
        try:
            self.database.admin.value("select 1")
        except psycopg.Error:
            return True
        return False

    def _program(self, command: str, port: int) -> Program:
        environment = self.database.environment(
            **{
                "PORT": str(port),
                "APP_URL": self.url,
                "WEB_URL": WEB_URL,
                "MAIL_DRIVER": "smtp",
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": str(self.peer.port),
                "TICK_SECONDS": "0.5",
                "ACCESS_TOKEN_TTL_MINUTES": "525600",  # a year: clocks are moved by days
                "WORKER_CONCURRENCY": str(CONCURRENCY),
                "LIMIT_SIGN_IN": "100000/minute",
                "LIMIT_SIGN_IN_PAIR": "100000/minute",
                "LIMIT_SIGN_IN_EMAIL": "100000/minute",
                "LIMIT_INVALID_TOKEN": "100000/minute",
                "LOG_LEVEL": "debug",
                **self.variables,
            }
        )
        program = self._cleanup.enter_context(Program(command, environment, self.folder))
        self.logs.append(program.log_file)
        return program

    def client(self, **options: object) -> httpx.Client:
        """A browser without redirects for the first API."""
        return self._cleanup.enter_context(httpx.Client(base_url=self.url, timeout=30, **options))  # type: ignore[arg-type]


@contextmanager
def running_site(
    apis: int = 1, workers: int = 1, parent: Path | None = None, variables: dict[str, str] | None = None
) -> Iterator[Site]:
    """A site, ready to use. At its end all is stopped, and no file may hold a token that was mailed."""
    folder = Path(tempfile.mkdtemp(prefix="rubis-faults-"))
    try:
        with island(parent, **DURABLE) as home:
            with ExitStack() as cleanup:
                site = Site(home, Peer(), cleanup, folder)
                site.variables |= variables or {}
                shorten_leases(site.database)
                site.start(apis, workers)
                yield site
            site.home.postgres.stop()
            found = search_site(site)
            assert found.holding == [], f"a token that was mailed lies in {found.holding}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def search_site(site: Site) -> Search:
    """Search the data directory and every log of a site that has stopped for all tokens it has mailed."""
    tokens = tokens_of([*site.peer.mails, *site.peer.dropped])
    return search_files(site.folders, tokens)


def shorten_leases(database: Database) -> None:
    """Give the leases their shorter length, in this database. Everything else of the functions stays."""
    owner = database.owner()
    for name, seconds in (("send_lease", SEND_LEASE), ("queue_lease", QUEUE_LEASE)):
        source: str = owner.value(f"select pg_get_functiondef('rubis.{name}()'::regprocedure)")
        head, _, tail = source.partition("select interval '")
        assert tail, source
        owner.execute(
            f"{head}select interval '{seconds} seconds'{tail.partition(chr(39))[2]}".replace("%", "%%")
        )
