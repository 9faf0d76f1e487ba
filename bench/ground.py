"""The server and its databases: one template per kind of content, one clone of it per round of a measure."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import ClientCursor, sql

from app.core.address import SUPERUSER
from app.core.database import Database as AppDatabase
from app.core.settings import Settings
from app.deploy.migrate import migrate
from app.postgres.embedded import EmbeddedPostgres
from bench import loading
from bench.sizes import Sizes
from worker.calendar import fill_calendar

_CARELESS = {"fsync": "off", "full_page_writes": "off"}

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Database:
    """One database of the server."""

    name: str
    server: EmbeddedPostgres

    def conninfo(self, user: str = SUPERUSER) -> str:
        """A connection string; any of our roles may log in."""
        return self.server.conninfo(user, self.name)

    @contextmanager
    def session(self, user: str = SUPERUSER) -> Iterator[Connection]:
        """A session that commits each statement and binds values on its own side, so EXPLAIN takes them."""
        with psycopg.connect(self.conninfo(user), autocommit=True, cursor_factory=ClientCursor) as connection:
            yield connection

    def environment(self, folder: Path, **changes: str) -> dict[str, str]:
        """The variables of our processes on this database; all not named here is as users get it."""
        return {
            "DATABASE_URL": self.conninfo(),
            "API_DATABASE_URL": self.conninfo("rubis_api"),
            "WORKER_DATABASE_URL": self.conninfo("rubis_worker"),
            "RUBIS_DATA_DIR": str(folder),
            **changes,
        }


class Ground:
    """A server with its durable defaults in a folder of its own, and the templates made so far."""

    def __init__(self, server: EmbeddedPostgres, folder: Path, organizations: int) -> None:
        self.server = server
        self.folder = folder
        self.organizations = organizations
        self._templates: set[str] = set()

    @property
    def postmaster(self) -> psutil.Process:
        """The server's first process; all others are its children."""
        return psutil.Process(int((self.server.cluster / "postmaster.pid").read_text().split("\n", 1)[0]))

    @contextmanager
    def empty(self, name: str) -> Iterator[Database]:
        """A database without anything of ours."""
        yield self._create(name, "template1")
        self._drop(name)

    @contextmanager
    def clone(self, template: str, name: str = "round") -> Iterator[Database]:
        """A copy of a template, dropped at the end."""
        yield self._create(name, template)
        self._drop(name)

    def organizations_template(self) -> str:
        """Migrated, with the calendar, the organizations and for each a user, an access token and clients."""
        name = "bench_organizations"
        if name not in self._templates:
            database = self._create(name, "template1")
            migrate(database.conninfo())
            asyncio.run(_fill_calendar(database.conninfo("rubis_worker")))
            with database.session() as session:
                loading.load_organizations(session, self.organizations)
            self._templates.add(name)
        return name

    def invoices_template(self, count: int, state: loading.State) -> str:
        """The same with so many open invoices; see `loading.load_invoices`."""
        name = f"bench_{state}_{count}"
        if name not in self._templates:
            database = self._create(name, self.organizations_template())
            with database.session() as session:
                loading.load_invoices(session, count, state)
            self._templates.add(name)
        return name

    @contextmanager
    def loaded(self, count: int, state: loading.State) -> Iterator[Database]:
        """A database with so many open invoices that is no template, and gone at the end."""
        database = self._create(f"bench_{count}", self.organizations_template())
        with database.session() as session:
            loading.load_invoices(session, count, state)
        yield database
        self._drop(database.name)

    def _create(self, name: str, template: str) -> Database:
        database = Database(name, self.server)
        # Copied as files: a copy through the WAL would cause checkpoints during a measure.
        query = sql.SQL("create database {} template {} strategy file_copy")
        with Database("postgres", self.server).session() as session:
            session.execute(query.format(sql.Identifier(name), sql.Identifier(template)))
            # A copy of a database lacks the rights that `rubis migrate` granted.
            if session.execute("select to_regrole('rubis_owner') is not null").fetchone() == (True,):
                for right in (
                    "revoke temporary on database {} from public",
                    "grant create, temporary on database {} to rubis_owner",
                ):
                    session.execute(sql.SQL(right).format(sql.Identifier(name)))
        return database

    def _drop(self, name: str) -> None:
        with Database("postgres", self.server).session() as session:
            session.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@contextmanager
def prepared(sizes: Sizes) -> Iterator[Ground]:
    """A new server, gone at the end. On the disk of TMPDIR, which should be a real one."""
    folder = Path(tempfile.mkdtemp(prefix="rubis-bench-"))
    folder.chmod(0o755)  # so that, as root, the server's account needs no capability to reach it
    try:
        with EmbeddedPostgres(folder, options={} if sizes.durable else _CARELESS) as server:
            yield Ground(server, folder, sizes.organizations)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def forget_settings() -> None:
    """Ignore the developer's own settings."""
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)


async def _fill_calendar(conninfo: str) -> None:
    async with AppDatabase(conninfo) as database:
        await fill_calendar(database)
