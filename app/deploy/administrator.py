"""The administrator's part of a migration: check that the database is ours, and create our roles."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from app.core.settings import Settings
from app.deploy.deployment import Release

SCHEMAS = ["rubis", "api", "worker", "audit", "queue"]
OLDEST_SERVER = 15


class MigrationError(RuntimeError):
    """The database was left as it was; the message is for the person who ran the command."""


def role_passwords(settings: Settings) -> dict[str, str]:
    """The passwords of our own roles, from the connection strings in the settings."""
    found = {}
    for conninfo in (settings.api_conninfo(), settings.worker_conninfo()):
        parts = conninfo_to_dict(conninfo)
        if parts.get("user") in ("rubis_api", "rubis_worker") and parts.get("password"):
            found[str(parts["user"])] = str(parts["password"])
    return found


def prepare(conninfo: str, release: Release, passwords: Mapping[str, str]) -> list[str]:
    """Refuse a database that is not ours, create missing roles; return what was done, one line each.

    One transaction: a refusal leaves no trace. Raises MigrationError, psycopg.Error.
    """
    with psycopg.connect(conninfo, application_name="rubis migrate") as connection:
        refuse_unfit_server(connection)
        _refuse_foreign(connection)
        done = create_roles(connection, release, passwords)
        if "schema_version" in tables(connection):
            connection.execute("set local role rubis_owner")
            _refuse_unknown(connection, release)
        return done


def create_roles(
    connection: psycopg.Connection[Any], release: Release, passwords: Mapping[str, str]
) -> list[str]:
    """Create the roles that are missing; return what was done, one line each. Raises psycopg.Error."""
    before = _roles(connection)
    connection.execute((release.folder / "bootstrap.sql").read_bytes())
    created = _roles(connection) - before
    for role in sorted(created & passwords.keys()):
        verifier = connection.pgconn.encrypt_password(
            passwords[role].encode(), role.encode(), b"scram-sha-256"
        )
        connection.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(verifier.decode()))
        )
    return [f"created role {role}" for role in sorted(created)]


def refuse_unfit_server(connection: psycopg.Connection[Any]) -> None:
    """Refuse a server that is too old, or a database of another encoding. Raises MigrationError."""
    if connection.info.server_version < OLDEST_SERVER * 10000:
        found = connection.info.server_version // 10000
        message = f"This is PostgreSQL {found}; rubis needs {OLDEST_SERVER} or later. Nothing was changed."
        raise MigrationError(message)
    if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
        message = f"This database's encoding is {encoding}; rubis needs UTF8. Nothing was changed."
        raise MigrationError(message)


def existing_schemas(connection: psycopg.Connection[Any]) -> list[str]:
    """Those of the names in SCHEMAS that the database has."""
    rows = connection.execute(
        "select nspname from pg_namespace where nspname = any (%s) order by 1", [SCHEMAS]
    )
    return [row[0] for row in rows]


def _refuse_foreign(connection: psycopg.Connection[Any]) -> None:
    """Refuse schemas of our names that are not ours."""
    existing = existing_schemas(connection)
    ours = {"schema_version", "deployment"} <= tables(connection)
    if existing and not ours:
        message = (
            f"This database has a schema {' and '.join(existing)} that `rubis migrate` did not make. "
            "Use another database, or rename or drop it. Nothing was changed."
        )
        raise MigrationError(message)


def _refuse_unknown(connection: psycopg.Connection[Any], release: Release) -> None:
    """Refuse a database with a migration that is not an unchanged file of ours."""
    deployed = dict(connection.execute("select component, checksum from rubis.deployment").fetchall())
    ours = {component.component: component.checksum for component in release.components()}
    for (number,) in connection.execute("select version from rubis.schema_version order by 1").fetchall():
        path = release.migrations.get(number)
        if path is None:
            message = (
                f"This database has migration {number}, which this release ({release.name}) does not know: "
                "a newer one made it. Use that release, or restore a backup. Nothing was changed."
            )
            raise MigrationError(message)
        if deployed.get(path.name) != ours[path.name]:
            message = (
                f"Migration {path.name} was applied here with another content: an unreleased version made "
                "this database, and only one made by a tagged release can be upgraded. Dump its data and "
                "start with an empty database (embedded: with another RUBIS_DATA_DIR). Nothing was changed."
            )
            raise MigrationError(message)


def tables(connection: psycopg.Connection[Any]) -> set[str]:
    """Those of the schema rubis, which only its owner may enter, so from the catalogue."""
    query = (
        "select relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        " where n.nspname = 'rubis' and c.relkind = 'r'"
    )
    return {row[0] for row in connection.execute(query)}


def _roles(connection: psycopg.Connection[Any]) -> set[str]:
    return {
        row[0] for row in connection.execute(r"select rolname from pg_roles where rolname like 'rubis\_%'")
    }


def value(connection: psycopg.Connection[Any], query: str, *parameters: object) -> Any:
    """The first column of the first row, or None."""
    row = connection.execute(query.encode(), parameters).fetchone()
    return row[0] if row else None
