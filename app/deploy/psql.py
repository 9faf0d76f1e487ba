"""`rubis psql`: psql on the current database, as rubis_owner or as the user that its arguments name."""

import os
from collections.abc import Sequence
from getopt import GetoptError, gnu_getopt
from typing import NoReturn

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.core.settings import Settings
from app.postgres.embedded import is_running
from app.postgres.wheel import client_program

# psql's options, as its own getopt_long reads them. `--help=TOPIC` is left to psql.
_SHORT = "aAbc:d:eEf:F:h:HlL:no:p:P:qR:sStT:U:v:VwWxXz?01"
# fmt: off
_LONG = [
    "echo-all", "no-align", "echo-errors", "command=", "dbname=", "echo-queries", "echo-hidden", "file=",
    "field-separator=", "field-separator-zero", "host=", "html", "list", "log-file=", "no-readline",
    "single-transaction", "output=", "port=", "pset=", "quiet", "record-separator=", "record-separator-zero",
    "single-step", "single-line", "tuples-only", "table-attr=", "username=", "set=", "variable=", "version",
    "no-password", "password", "expanded", "no-psqlrc", "help", "csv",
]
# fmt: on
_CONNECTION = {
    "-d": "dbname",
    "-h": "host",
    "-p": "port",
    "-U": "user",
    "--dbname": "dbname",
    "--host": "host",
    "--port": "port",
    "--username": "user",
}


def replace_this_process(settings: Settings, args: Sequence[str]) -> NoReturn:
    """Become psql, so that exit code and signals are psql's own. Raises click.ClickException.

    If the arguments name neither a user nor a server, the session acts as rubis_owner, once that role exists:
    what a person creates belongs to it and not to the administrator. A user or server that they name is
    connected to as psql itself would do it, without that role and without our password. A password travels
    in the environment, not in the arguments.
    """
    if settings.embedded and not is_running(settings.rubis_data_dir):
        message = "PostgreSQL is not running: start it with `rubis up` (in another terminal)."
        raise click.ClickException(message)
    conninfo = settings.owner_conninfo()
    ours = conninfo_to_dict(conninfo)
    named, rest = split_arguments(args)
    parts = {**ours, **named}
    if not {"user", "host", "hostaddr", "port", "service"} & named.keys():
        if _owner_exists(conninfo):
            parts["options"] = f"{parts.get('options') or ''} -c role=rubis_owner".strip()
    elif "password" not in named:
        parts.pop("password", None)
    environment = dict(os.environ)
    if password := parts.pop("password", None):
        environment["PGPASSWORD"] = str(password)
    program = client_program("psql")
    os.execve(program, [program, *rest, make_conninfo("", **parts)], environment)  # noqa: S606


def split_arguments(args: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """What psql's arguments say of the connection, as libpq's keywords, and the other options.

    As in psql the first word is the database and the second the user, where no option names them; a database
    written as a connection string or URI overrides the options. Arguments that psql refuses come back whole.
    """
    try:
        options, words = gnu_getopt(list(args), _SHORT, _LONG)
    except GetoptError:
        return {}, list(args)
    named = {_CONNECTION[option]: value for option, value in options if option in _CONNECTION}
    rest = [word for option, value in options if option not in _CONNECTION for word in _option(option, value)]
    for keyword in ("dbname", "user"):
        if words and keyword not in named:
            named[keyword] = words.pop(0)
    if words:
        message = f"psql takes a database and a user, and no further argument: {words[0]}"
        raise click.ClickException(message)
    database = named.get("dbname", "")
    if "=" in database or database.startswith(("postgresql://", "postgres://")):
        try:
            named = {**named, "dbname": "", **_read(database)}
        except psycopg.ProgrammingError as error:
            message = f"not a connection string: {str(error).strip()}"
            raise click.ClickException(message) from error
    return {keyword: value for keyword, value in named.items() if value}, rest


def _option(option: str, value: str) -> list[str]:
    """An option as it was given; its value may be empty."""
    if option.startswith("--"):
        return [f"{option}={value}" if f"{option[2:]}=" in _LONG else option]
    return [option, value] if f"{option[1:]}:" in _SHORT else [option]


def _read(conninfo: str) -> dict[str, str]:
    return {keyword: str(value) for keyword, value in conninfo_to_dict(conninfo).items()}


def _owner_exists(conninfo: str) -> bool:
    """Whether the role rubis_owner is there: not before the first migration. Raises click.ClickException."""
    try:
        with psycopg.connect(conninfo, connect_timeout=10) as connection:
            row = connection.execute("select to_regrole('rubis_owner') is not null").fetchone()
    except psycopg.OperationalError as error:
        message = f"the database cannot be reached: {str(error).strip()}"
        raise click.ClickException(message) from error
    return bool(row and row[0])
