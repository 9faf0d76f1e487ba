"""The roles `rubis migrate` makes, also by an administrator who is no superuser."""

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from app.core.settings import Settings
from app.deploy.deployment import Release
from app.deploy.migrate import migrate
from tests.support.database import Server
from tests.support.session import OpenSession


def settings(
    database_url: str, api_password: str = "for the api", worker_password: str = "for the worker"
) -> Settings:
    """Settings of a server of the user's own."""
    return Settings(
        _env_file=None,
        database_url=database_url,
        api_database_url=make_conninfo(database_url, user="rubis_api", password=api_password),
        worker_database_url=make_conninfo(database_url, user="rubis_worker", password=worker_password),
    )


@pytest.fixture
def managed(fresh_server: Server) -> str:
    """A database as managed services give it: its owner has CREATEROLE and no more."""
    with psycopg.connect(fresh_server.conninfo("postgres"), autocommit=True) as connection:
        connection.execute("create role dba login createrole")
        connection.execute("create database managed owner dba")
        connection.execute("alter system set log_statement = 'all'")
        connection.execute("select pg_reload_conf()")
    return fresh_server.conninfo("managed", "dba")


def test_an_administrator_need_not_be_superuser(
    managed: str, release: Release, open_session: OpenSession
) -> None:
    """CREATEROLE and the database suffice, for the first time and the next."""
    done = migrate(settings(managed), release)
    assert [line for line in done if line.startswith("created role")] == [
        f"created role rubis_{name}" for name in ("api", "auditor", "owner", "worker")
    ]
    assert migrate(settings(managed), release) == ["deployed the functions"]
    session = open_session(managed)
    session.execute("set role rubis_owner")
    assert session.value("select count(*) from rubis.deployment") == 3


def test_new_roles_get_their_password_which_no_log_shows(
    fresh_server: Server, managed: str, release: Release, open_session: OpenSession
) -> None:
    """It travels as a SCRAM verifier; what is set later stays."""
    migrate(settings(managed), release)
    admin = open_session(fresh_server.conninfo("managed"))
    query = (
        "select rolname, rolpassword from pg_authid where rolname in ('rubis_api', 'rubis_worker') order by 1"
    )
    first = admin.rows(query)
    assert all(row["rolpassword"].startswith("SCRAM-SHA-256$") for row in first)
    assert len({row["rolpassword"] for row in first}) == 2

    migrate(settings(managed, "another", "another"), release)

    assert admin.rows(query) == first
    log = (fresh_server.data_dir / "postgres" / "server.log").read_text()
    assert 'alter role "rubis_api" password' in log
    assert "for the api" not in log


def test_our_roles_work_under_limits(
    managed: str, fresh_server: Server, release: Release, open_session: OpenSession
) -> None:
    """UTC, and no statement or transaction of theirs may hang about; a DBA's own choice is kept.

    The worker finds its queue without asking for it, as behind a pooler it cannot.
    """
    migrate(settings(managed), release)
    for role in ("rubis_api", "rubis_worker"):
        session = open_session(fresh_server.conninfo("managed", role))
        found = [
            session.value(f"select current_setting('{name}')")
            for name in ("timezone", "statement_timeout", "idle_in_transaction_session_timeout")
        ]
        assert found == ["UTC", "15s", "15s"]
    worker = open_session(fresh_server.conninfo("managed", "rubis_worker"))
    assert worker.value("show search_path") == "queue, pg_temp"
    open_session(fresh_server.conninfo("managed")).execute(
        "alter role rubis_api set statement_timeout = '99s'"
    )
    migrate(settings(managed), release)
    assert (
        open_session(fresh_server.conninfo("managed", "rubis_api")).value("show statement_timeout") == "99s"
    )
