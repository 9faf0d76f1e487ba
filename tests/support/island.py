"""A PostgreSQL of a test's own, which it may stop and start again."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app.core.address import DATABASE
from app.deploy.migrate import migrate
from app.postgres.embedded import EmbeddedPostgres
from app.postgres.wheel import DEFAULT_MAJOR
from tests.support.database import FAST, Database, Server, copy_release


class Island:
    """A server with one migrated database. `folder` is for the processes of its test."""

    def __init__(
        self, folder: Path, cleanup: ExitStack, options: Mapping[str, str], major: int | None = None
    ) -> None:
        """`major` is PostgreSQL's version; RUBIS_TEST_POSTGRES unless given."""
        self.folder = folder
        self.major = major or int(os.environ.get("RUBIS_TEST_POSTGRES", str(DEFAULT_MAJOR)))
        self.postgres = EmbeddedPostgres(folder / "data", self.major, {**FAST, **options})
        self._cleanup = cleanup

    def database(self) -> Database:
        """The database, over sessions that are opened again: those of before a stop are dead."""
        database = Database(Server(self.postgres.data_dir, self.major), DATABASE, self._cleanup, self.folder)
        database.clock._installed = database.admin.value("select to_regclass('rubis_test.now') is not null")
        return database


@contextmanager
def island(parent: Path | None = None, /, **options: str) -> Iterator[Island]:
    """An island whose server runs with these settings, in this folder or a temporary one. Gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="rubis-island-", dir=parent))
    folder.chmod(0o755)  # as root, the server's account must reach its data
    (folder / "data").mkdir(mode=0o755)
    try:
        with ExitStack() as cleanup:
            found = Island(folder, cleanup, options)
            found.postgres.start()
            cleanup.callback(found.postgres.stop)
            migrate(found.postgres.conninfo(), copy_release(folder / "db"))
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)
