"""What `rubis migrate` does not know it refuses, and touches nothing."""

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from app.deploy import administrator
from app.deploy.administrator import MigrationError
from app.deploy.deployment import Release
from app.deploy.migrate import migrate
from tests.support.session import Session


def fingerprint(conninfo: str) -> object:
    """Which rows of the catalogues exist, each with the transaction that wrote it."""
    names = (
        "pg_namespace",
        "pg_class",
        "pg_proc",
        "pg_authid",
        "pg_auth_members",
        "pg_database",
        "pg_trigger",
    )
    query = "select array_agg((xmin::text, oid)::text order by oid) from {}"
    with psycopg.connect(conninfo) as connection:
        return [connection.execute(query.format(name).encode()).fetchone() for name in names]


def refused(conninfo: str, release: Release, match: str) -> None:
    """It is refused with these words, twice the same, and leaves no trace."""
    before = fingerprint(conninfo)
    with pytest.raises(MigrationError, match=match) as caught:
        migrate(conninfo, release)
    assert "Nothing was changed" in str(caught.value)
    assert fingerprint(conninfo) == before


@pytest.mark.parametrize("schema", ["rubis", "api", "queue"])
def test_a_schema_of_our_name_that_we_did_not_make(
    empty: str, admin: Session, release: Release, schema: str
) -> None:
    """A schema of our name that somebody else made is not taken over."""
    admin.execute(f"create schema {schema}")
    refused(empty, release, rf"schema {schema} .*did not make")


def test_other_schemas_are_left_alone(empty: str, admin: Session, release: Release) -> None:
    """A database may hold more than us."""
    admin.execute("create schema theirs create table precious (id int)")
    migrate(empty, release)
    assert admin.value("select to_regclass('theirs.precious')") is not None


def test_a_database_of_a_newer_release(empty: str, release: Release) -> None:
    """A database with a migration that has no file here is refused."""
    newer = release.folder / "migrations" / "V0002__newer.sql"
    newer.write_text("create table rubis.newer (id int);")
    migrate(empty, Release(release.folder))
    newer.unlink()
    refused(empty, Release(release.folder), "migration 2, .*newer")


def test_an_applied_migration_that_was_edited(empty: str, release: Release) -> None:
    """A database made by an unreleased baseline is told from a released one."""
    migrate(empty, release)
    with (release.folder / "migrations" / "V0001__baseline.sql").open("a") as file:
        file.write("\ncreate table rubis.afterthought (id int);\n")
    refused(empty, Release(release.folder), r"V0001__baseline\.sql .*unreleased")


def test_an_old_server_is_refused(empty: str, release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is too old is refused with the oldest version that serves."""
    monkeypatch.setattr(administrator, "OLDEST_SERVER", 99)
    refused(empty, release, "needs 99 or later")


def test_a_database_that_is_not_utf8(empty: str, admin: Session, release: Release) -> None:
    """A database that is not UTF-8 is refused, as names must be storable."""
    admin.execute(
        "create database rubis_latin encoding 'LATIN1' locale_provider libc locale 'C' template template0"
    )
    try:
        refused(make_conninfo(empty, dbname="rubis_latin"), release, "LATIN1")
    finally:
        admin.execute("drop database rubis_latin with (force)")


def test_a_database_that_cannot_be_reached(release: Release) -> None:
    """A database that cannot be reached is named without a traceback."""
    with pytest.raises(MigrationError, match="cannot be reached"):
        migrate("host=127.0.0.1 port=1 dbname=rubis", release)
