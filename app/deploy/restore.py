"""`rubis restore`: a backup back into a database.

A restore is one transaction. It leaves out owners and privileges, which `rubis migrate` gives again, and so
needs no role of the server that the backup came from.
"""

import contextlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.core.settings import Settings
from app.deploy import administrator
from app.deploy.administrator import SCHEMAS
from app.deploy.archive import BackupError, program, restoring, run
from app.deploy.deployment import Release
from app.deploy.migrate import migrate

_LISTED = re.compile(r"^\d+; \d+ \d+ SCHEMA - (\S+)", re.MULTILINE)
_MADE = re.compile(r"^; Archive created at (.+)$", re.MULTILINE)
_TRANSACTION_TIMEOUT = b"SET transaction_timeout = 0;\n"  # pg_restore writes it for every server
_TRANSACTION_TIMEOUT_SINCE = 170000


def restore(settings: Settings, path: Path, *, replace: bool = False) -> list[str]:
    """Put a backup into the database, bring it to this release, and return what was done, one line each.

    A database that has our schemas is refused; with `replace` they are dropped first, in the transaction that
    restores. Raises BackupError: nothing was changed. Raises MigrationError: the backup is in the database,
    and this release does not fit it.
    """
    made_at = _inspect(path)
    conninfo = settings.owner_conninfo()
    release = Release()
    try:
        with psycopg.connect(conninfo, application_name="rubis restore") as connection:
            administrator.refuse_unfit_server(connection)
            _refuse_in_use(connection)
            existing = administrator.existing_schemas(connection)
            if existing and not replace:
                message = (
                    f"The database is not empty: it has {', '.join(existing)}. Restore into an empty "
                    "database or, to lose what is in this one, with --replace. Nothing was changed."
                )
                raise BackupError(message)
            passwords = administrator.role_passwords(settings)
            done = administrator.create_roles(connection, release, passwords)
            older = connection.info.server_version < _TRANSACTION_TIMEOUT_SINCE
    except psycopg.Error as error:
        message = f"The database cannot be reached: {str(error).strip()}"
        raise BackupError(message) from error
    _load(conninfo, path, dropping=existing, without_transaction_timeout=older)
    return [*done, f"restored {path}, made at {made_at}", *migrate(settings, release)]


def _inspect(path: Path) -> str:
    """When this backup was made. Raises BackupError if it is not one of ours."""
    if not path.is_file():
        message = f"There is no file {path}. Nothing was changed."
        raise BackupError(message)
    listed = run("pg_restore", ["--list", str(path)])
    if not set(SCHEMAS) <= set(_LISTED.findall(listed)):
        message = f"{path} is not a backup of Rubis. Nothing was changed."
        raise BackupError(message)
    made = _MADE.search(listed)
    return made[1] if made else "an unknown time"


def _refuse_in_use(connection: psycopg.Connection[Any]) -> None:
    """A process of ours would wait for the restore, or go on with what is no longer there."""
    sessions = administrator.value(
        connection,
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and usename in ('rubis_api', 'rubis_worker')",
    )
    if sessions:
        message = (
            f"The API or a worker uses this database ({sessions} sessions): stop them first. "
            "Nothing was changed."
        )
        raise BackupError(message)


def _load(conninfo: str, path: Path, *, dropping: Sequence[str], without_transaction_timeout: bool) -> None:
    """Feed the backup to psql as rubis_owner, in one transaction, which ends only if all of it was read."""
    options = conninfo_to_dict(conninfo).get("options") or ""
    owner = make_conninfo(
        conninfo, options=f"{options} -c role=rubis_owner -c client_min_messages=warning".strip()
    )
    arguments = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password"]
    with (
        tempfile.TemporaryFile() as said,
        program(
            "psql", arguments, owner, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
        ) as psql,
    ):
        assert psql.stdin is not None
        with contextlib.suppress(BrokenPipeError), psql.stdin as script:
            script.write(b"begin;\n")
            if dropping:
                script.write(f"drop schema {', '.join(dropping)} cascade;\n".encode())
            with restoring(path, "--no-owner", "--no-privileges") as lines:
                # Within the file's head: nothing that a user wrote comes before the first schema.
                for line in lines:
                    if not (without_transaction_timeout and line == _TRANSACTION_TIMEOUT):
                        script.write(line)
                    if line.startswith(b"CREATE SCHEMA"):
                        break
                shutil.copyfileobj(lines, script)
            script.write(b"commit;\n")
        if psql.wait() != 0:
            said.seek(0)
            message = f"Nothing was restored: {said.read().decode(errors='replace').strip()}"
            raise BackupError(message)
