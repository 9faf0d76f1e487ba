"""A PostgreSQL server for the tests, and databases in it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from app.core.address import SUPERUSER, conninfo
from app.core.settings import Settings
from app.deploy.deployment import DB_FOLDER, Release
from app.postgres.embedded import EmbeddedPostgres
from app.postgres.wheel import program_folder
from scripts import baseline
from tests.support.session import Clock, Session, connect

# A crash may lose what a test wrote; nothing else is different from production.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
# Of a server that is never started again: a clone of a database is not written twice, nor much kept of it.
FASTEST = {**FAST, "wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "256MB"}
_MEMORY = Path("/dev/shm")
_ENOUGH = 4 * 2**30  # bytes; a server of these tests takes less than a quarter of it


@dataclass(frozen=True)
class Server:
    """A running server, in the shape pytest-postgresql's `depends_on` reads."""

    data_dir: Path
    major: int
    template_dbname: None = None
    maintenance_dbname: str = "postgres"
    user: str = SUPERUSER
    password: str = ""
    options: str = ""

    @property
    def host(self) -> str:
        """The socket's folder."""
        return str(conninfo_to_dict(self.conninfo("postgres"))["host"])

    @property
    def port(self) -> int:
        """Only a part of the socket's name."""
        return int(str(conninfo_to_dict(self.conninfo("postgres"))["port"]))

    def conninfo(self, dbname: str, user: str = SUPERUSER) -> str:
        """A connection string; any of our roles may log in."""
        return conninfo(self.data_dir, user, dbname)

    @contextmanager
    def empty_database(
        self, dbname: str, owner: str = SUPERUSER, template: str = "template1"
    ) -> Iterator[str]:
        """A new database, dropped at the end; yields the superuser's connection string."""
        name = sql.Identifier(dbname)
        create = sql.SQL("create database {} owner {} template {}")
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(create.format(name, sql.Identifier(owner), sql.Identifier(template)))
            try:
                yield self.conninfo(dbname)
            finally:
                connection.execute(sql.SQL("drop database {} with (force)").format(name))


class Database:
    """A migrated database of a test's own.

    Sessions autocommit unless told otherwise, and are closed at the test's end.
    """

    def __init__(self, server: Server, dbname: str, cleanup: ExitStack, data_dir: Path) -> None:
        self.server = server
        self.dbname = dbname
        self.data_dir = data_dir
        self._cleanup = cleanup
        self._admin: Session | None = None

    @property
    def admin(self) -> Session:
        """The superuser's session, made at the first use."""
        self._admin = self._admin or self.session(SUPERUSER)
        return self._admin

    @property
    def clock(self) -> Clock:
        """Sets and moves the time that every session of this database sees."""
        return self.admin.clock

    def conninfo(self, user: str = SUPERUSER) -> str:
        """A connection string, as one of our roles or the superuser."""
        return self.server.conninfo(self.dbname, user)

    def session(self, user: str, *, autocommit: bool = True) -> Session:
        """A session logged in as `rubis_api`, `rubis_worker`, `rubis_auditor` or `postgres`.

        rubis_owner cannot log in: with it the superuser's session acts as that role.
        """
        if user == "rubis_owner":
            session = connect(self.conninfo(), role=user, autocommit=autocommit)
        else:
            session = connect(self.conninfo(user), autocommit=autocommit)
        self._cleanup.callback(session.connection.close)
        return session

    def owner(self) -> Session:
        """A DBA's session, acting as rubis_owner."""
        return self.session("rubis_owner")

    def api(self) -> Session:
        """A session logged in as rubis_api."""
        return self.session("rubis_api")

    def worker(self) -> Session:
        """A session logged in as rubis_worker."""
        return self.session("rubis_worker")

    def auditor(self) -> Session:
        """A session logged in as rubis_auditor."""
        return self.session("rubis_auditor")

    def settings(self, **changes: Any) -> Settings:
        """Settings of a stack on this database, mail going to files under data_dir; `.env` has no say."""
        fixed: dict[str, Any] = {
            "database_url": self.conninfo(),
            "api_database_url": self.conninfo("rubis_api"),
            "worker_database_url": self.conninfo("rubis_worker"),
            "rubis_data_dir": self.data_dir,
        }
        return Settings(_env_file=None, **(fixed | changes))

    def environment(self, **changes: str) -> dict[str, str]:
        """The same for a process: our environment with these variables, for `subprocess`."""
        return os.environ | {
            "DATABASE_URL": self.conninfo(),
            "API_DATABASE_URL": self.conninfo("rubis_api"),
            "WORKER_DATABASE_URL": self.conninfo("rubis_worker"),
            "RUBIS_DATA_DIR": str(self.data_dir),
            **changes,
        }


def grant_create(connection: psycopg.Connection[Any]) -> None:
    """What bootstrap.sql grants and revokes on a database, which a clone of it does not inherit."""
    connection.execute((DB_FOLDER / "bootstrap.sql").read_bytes())
    connection.commit()


@contextmanager
def running_server(major: int) -> Iterator[Server]:
    """A server over a new data directory, gone at the end.

    In memory where there is enough: hundreds of tests clone a database, and that is ten times as fast there.
    """
    in_memory = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH
    data_dir = Path(tempfile.mkdtemp(prefix="rubis-test-", dir=_MEMORY if in_memory else None))
    data_dir.chmod(0o755)  # so that, as root, the server's account needs no capability to reach it
    try:
        with EmbeddedPostgres(data_dir, major=major, options=FASTEST):
            yield Server(data_dir, major)
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


def copy_release(folder: Path) -> Release:
    """Copy db/ to this new folder, its baseline generated afresh (`make check` sees to the tree's own)."""
    shutil.copytree(DB_FOLDER, folder)
    (folder / "migrations").mkdir(exist_ok=True)
    (folder / baseline.BASELINE).write_text(baseline.generate(folder))
    return Release(folder)


def dump(conninfo: str, *options: str) -> str:
    """The database's schema as pg_dump writes it, without what differs from run to run."""
    program = [str(program_folder() / "pg_dump"), "--schema-only", *options, "--dbname", conninfo]
    printed = subprocess.run(program, check=True, capture_output=True, text=True).stdout
    return "\n".join(
        line for line in printed.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))
    )
