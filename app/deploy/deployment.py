"""What a release brings to a database: migrations, functions, Procrastinate's schema, with checksums."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import pgmigrate

DB_FOLDER = Path(str(resources.files("db")))
"""The folder db of the tree, or of the wheel."""

_QUEUE_MIGRATION = re.compile(r"(\d\d\.\d\d\.\d\d_\d\d)_.*\.sql")


@dataclass(frozen=True)
class Component:
    """One row of rubis.deployment."""

    component: str
    release: str
    checksum: str


@dataclass(frozen=True)
class Release:
    """The files under one db folder, and Procrastinate's in its package."""

    folder: Path = DB_FOLDER

    @cached_property
    def name(self) -> str:
        """This program's version."""
        return version("rubis-sur-l-ongle")

    @cached_property
    def migrations(self) -> dict[int, Path]:
        """The migration files by number, in order."""
        found = {}
        for path in sorted((self.folder / "migrations").glob("V*.sql")):
            match = pgmigrate.MIGRATION_FILE_RE.match(path.name)
            if match:
                found[int(match["version"])] = path
        return dict(sorted(found.items()))

    def function_files(self) -> Iterator[Path]:
        """Every file that each migration deploys again."""
        yield from sorted((self.folder / "functions").rglob("*.sql"))

    @cached_property
    def queue_migrations(self) -> dict[str, str]:
        """Procrastinate's upgrades: number -> SQL, oldest first. Its schema.sql is the sum of all of them."""
        files = (resources.files("procrastinate.sql") / "migrations").iterdir()
        matches = ((_QUEUE_MIGRATION.fullmatch(file.name), file) for file in files)
        return dict(sorted((match[1], file.read_text(encoding="utf-8")) for match, file in matches if match))

    @cached_property
    def queue_schema(self) -> str:
        """Procrastinate's whole schema, for a database that has none of it."""
        return (resources.files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8")

    @property
    def queue_release(self) -> str:
        """The number of Procrastinate's last upgrade."""
        return list(self.queue_migrations)[-1]

    def components(self) -> list[Component]:
        """The rows of rubis.deployment in a database that has this whole release."""
        functions = "".join(
            f"{path.name}\n{path.read_text(encoding='utf-8')}" for path in self.function_files()
        )
        return [
            *(
                Component(path.name, self.name, checksum(path.read_bytes()))
                for path in self.migrations.values()
            ),
            Component("functions", self.name, checksum(functions.encode())),
            Component("queue", self.queue_release, checksum(self.queue_schema.encode())),
        ]


def checksum(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
