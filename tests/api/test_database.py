"""Calls of stored functions: how they are made, and what becomes of them when the server goes away."""

import asyncio
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.api.main import create_app
from app.core.address import conninfo
from app.core.database import Database, _query
from app.core.errors import ApiError
from app.postgres.embedded import EmbeddedPostgres
from tests.api.support import Account, Api, problem
from tests.support import database as support
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

FUNCTIONS = """
create function api.echo(p_value jsonb) returns jsonb language sql return p_value;
create function api.nothing() returns void language sql begin atomic select; end;
create function api.no_rows() returns table (a int) language sql begin atomic select 1 where false; end;
create function api.pair(p_a int, p_b interval) returns table (a int, b interval)
  language sql begin atomic select p_a, p_b; end;
create function api.one(p_a int) returns int language sql return p_a;
create function api.fail(p_sqlstate text, p_constraint text, p_column text)
  returns void language plpgsql as $$
begin
  raise exception using errcode = p_sqlstate, constraint = p_constraint, column = p_column,
    message = 'in words', detail = 'Failing row contains (secret)', hint = 'try otherwise';
end $$;
create function api.sleep(p_seconds float) returns void language plpgsql as $$
begin perform pg_catalog.pg_sleep(p_seconds); end $$;
create function api.tight(p_value int) returns void language plpgsql security definer as $$
begin
  create temp table t (a int constraint thing__small check (a < 10) constraint thing__a unique)
    on commit drop;
  insert into t values (1), (p_value);
end $$;
"""


@asynccontextmanager
async def connected(database: support.Database, **options: object) -> AsyncIterator[Database]:
    """The database as rubis_api, with functions to try."""
    database.admin.execute(FUNCTIONS)
    database.admin.execute("grant temporary on database " + database.dbname + " to public")
    async with Database(database.conninfo("rubis_api"), **options) as db:  # type: ignore[arg-type]
        yield db


def sessions_of_the_api(database: support.Database, wait_event: str | None = None) -> int:
    """How many sessions rubis_api has in the database, or how many of them wait for this."""
    count: int = database.admin.value(
        "select count(*) from pg_stat_activity where usename = 'rubis_api'"
        " and datname = current_database() and (%s::text is null or wait_event = %s)",
        [wait_event, wait_event],
    )
    return count


async def test_documents_go_in_and_out(database: support.Database) -> None:
    """Dicts and lists as jsonb; a lone jsonb column unwrapped; other rows by column; void as None."""
    async with connected(database) as db:
        values: list[Any] = [{"a": [1, "é", None, True, 1.5]}, [], {}, [{}]]
        for value in values:
            assert await db.call("api.echo", value=value) == value
        assert await db.call("api.echo", value=None) is None
        assert await db.call("api.pair", a=1, b=timedelta(minutes=30)) == {"a": 1, "b": timedelta(minutes=30)}
        assert await db.call("api.pair", b="1 day", a=None) == {"a": None, "b": timedelta(days=1)}
        assert await db.call("api.one", a=5) == {"one": 5}
        assert await db.call("api.nothing") is None
        assert await db.call("api.no_rows") is None


@pytest.mark.parametrize("threshold", [None, 0, 2])
async def test_many_calls_of_one_function_are_prepared_or_not(
    database: support.Database, threshold: int | None
) -> None:
    """Both ways work, over and over: prepare_threshold None is for pgbouncer."""
    async with connected(database, prepare_threshold=threshold) as db:
        for number in range(8):
            assert await db.call("api.one", a=number) == {"one": number}


@pytest.mark.parametrize("allowed", [True, False])
async def test_the_api_prepares_statements_only_if_it_may(
    database: support.Database, *, allowed: bool
) -> None:
    """DB_PREPARED_STATEMENTS=false, as pgbouncer wants it, holds for the pool of the API itself."""
    database.admin.execute(
        "create function api.prepared() returns jsonb language sql"
        " as 'select to_jsonb(count(*)) from pg_catalog.pg_prepared_statements where not from_sql';"
        " grant execute on function api.prepared() to rubis_api"
    )
    app = create_app(database.settings(db_prepared_statements=allowed, db_pool_size=1))
    async with app.state.database as db:
        counts = [await db.call("api.prepared") for _ in range(10)]
    assert counts[-1] == int(allowed)


def test_names_of_functions_and_parameters_are_quoted() -> None:
    """A function's or parameter's name is quoted, so it is never more than a name."""
    assert _query('api.x"; drop', ("a",)) == b'select * from "api"."x""; drop"("p_a" => %s)'


@pytest.mark.parametrize(
    ("sqlstate", "constraint", "status", "reason"),
    [
        ("RB401", "access_token__unknown", 401, "access_token__unknown"),
        ("RB404", "thing__missing", 404, "thing__missing"),
        ("RB409", "thing__open", 409, "thing__open"),
        ("RB422", "thing__form", 422, "thing__form"),
        ("RB429", "thing__often", 429, "thing__often"),
        ("RB4XX", "thing__odd", 500, "thing__odd"),
        ("23505", "thing__name", 409, "thing__name"),
        ("23514", "thing__small", 422, "thing__small"),
        ("23503", "thing__other", 422, "thing__other"),
        ("57014", "", 503, "database__busy"),
        ("40001", "", 503, "database__busy"),
        ("40P01", "", 503, "database__busy"),
        ("55P03", "", 503, "database__busy"),
        ("53300", "", 503, "database__busy"),
        ("53100", "", 503, "database__full"),
        ("57P03", "", 503, "database__unreachable"),
        ("22012", "", 500, "internal"),
        ("XX000", "", 500, "internal"),
    ],
)
async def test_errors_of_the_database_become_answers(
    database: support.Database, sqlstate: str, constraint: str, status: int, reason: str
) -> None:
    """SQLSTATE to status; the constraint is the reason, the column the field; no row's contents."""
    async with connected(database) as db:
        with pytest.raises(ApiError) as caught:
            await db.call("api.fail", sqlstate=sqlstate, constraint=constraint, column="title")
    error = caught.value
    assert (error.status, error.reason) == (status, reason)
    assert "secret" not in repr(vars(error)) + str(error)
    assert (error.retry_after is not None) is (status in (429, 503))
    if sqlstate.startswith("RB"):
        assert (error.detail, error.field, error.hint) == ("in words", "title", "try otherwise")
    if status == 500 and reason == "internal":
        assert "in words" not in error.detail


async def test_constraints_nobody_looked_at_first_are_named(database: support.Database) -> None:
    """The field is what follows the table in the constraint's name."""
    async with connected(database) as db:
        for value, status, reason, field in ((10, 422, "thing__small", "small"), (1, 409, "thing__a", "a")):
            with pytest.raises(ApiError) as caught:
                await db.call("api.tight", value=value)
            assert (caught.value.status, caught.value.reason, caught.value.field) == (status, reason, field)


async def test_a_text_that_cannot_be_stored_is_422(database: support.Database) -> None:
    """A text with U+0000 is 422, plain or inside a document."""
    async with connected(database) as db:
        for value in ("\u0000", {"a": "\u0000"}):
            with pytest.raises(ApiError) as caught:
                await db.call("api.echo", value=value)
            assert (caught.value.status, caught.value.reason) == (422, "text__characters")


async def test_a_database_not_migrated_is_503(database: support.Database) -> None:
    """A call of a function that is not there is 503."""
    async with connected(database) as db:
        with pytest.raises(ApiError) as caught:
            await db.call("api.not_there", a=1)
    assert (caught.value.status, caught.value.reason) == (503, "database__not_migrated")


async def test_connections_that_ended_while_idle_are_replaced_unseen(database: support.Database) -> None:
    """After a restart of the server no caller meets a dead connection."""
    async with connected(database, min_size=4, max_size=4) as db:
        for _ in range(3):
            await asyncio.gather(*(db.call("api.sleep", seconds=0.05) for _ in range(4)))
            ended = database.admin.value(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where usename = 'rubis_api' and datname = current_database()"
            )
            assert ended == 4
            await asyncio.to_thread(
                until, lambda: sessions_of_the_api(database) == 0, "the connections do not end"
            )
            assert await asyncio.gather(*(db.call("api.one", a=n) for n in range(8))) == [
                {"one": n} for n in range(8)
            ]


async def test_a_connection_lost_during_a_call_is_503_and_nothing_is_sent_twice(
    database: support.Database,
) -> None:
    """What became of the call only its caller can judge."""
    async with connected(database) as db:
        call = asyncio.create_task(db.call("api.sleep", seconds=30))
        terminated = (
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where usename = 'rubis_api' and datname = current_database() and wait_event = 'PgSleep'"
        )
        ended = await asyncio.to_thread(
            until, lambda: database.admin.value(terminated) or None, "the call is not seen to sleep"
        )
        assert ended == 1
        with pytest.raises(ApiError) as caught:
            await call
        assert (caught.value.status, caught.value.reason) == (503, "database__unreachable")
        assert await db.call("api.one", a=1) == {"one": 1}


async def test_an_exhausted_pool_is_503_and_recovers(database: support.Database) -> None:
    """Callers wait for a connection no longer than the timeout."""
    async with connected(database, max_size=1, timeout=0.3) as db:
        slow = asyncio.create_task(db.call("api.sleep", seconds=1))
        await asyncio.to_thread(
            until, lambda: sessions_of_the_api(database, "PgSleep") == 1, "the call is not seen to sleep"
        )
        with pytest.raises(ApiError) as caught:
            await db.call("api.one", a=1)
        assert (caught.value.status, caught.value.retry_after) == (503, 2)
        await slow
        assert await db.call("api.one", a=1) == {"one": 1}


async def test_a_statement_that_takes_too_long_is_503(database: support.Database) -> None:
    """A statement that the role's timeout ends is 503."""
    database.admin.execute(
        "alter role rubis_api in database " + database.dbname + " set statement_timeout = '200ms'"
    )
    async with connected(database) as db:
        with pytest.raises(ApiError) as caught:
            await db.call("api.sleep", seconds=5)
        assert (caught.value.status, caught.value.reason) == (503, "database__busy")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Of a server of its own; short, since a socket's path may not be long."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


async def test_the_pool_opens_before_its_server_and_comes_back_after_it(data_dir: Path) -> None:
    """503 with Retry-After while there is none; soon after it is there, answers; again after a restart."""
    postgres = EmbeddedPostgres(data_dir, options=support.FAST)
    async with Database(conninfo(data_dir, dbname="postgres"), timeout=0.5) as db:
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(ApiError) as caught:
                await db.call("pg_catalog.pg_backend_pid")
            assert (caught.value.status, caught.value.retry_after) == (503, 2)
            assert time.monotonic() - began < 3
            await asyncio.sleep(3)
            await asyncio.to_thread(postgres.start)
            try:
                assert await _until_answered(db) < 3
            finally:
                await asyncio.to_thread(postgres.stop)


async def _until_answered(db: Database) -> float:
    """Seconds until a call is answered."""
    began = time.monotonic()
    while True:
        try:
            await db.call("pg_catalog.pg_backend_pid")
        except ApiError:
            await asyncio.sleep(0.2)
        else:
            return time.monotonic() - began


def test_the_api_says_503_without_a_database(own_api: Api) -> None:
    """Health still answers; readiness and routes are 503 problems; and all come back by themselves."""
    ana = own_api.register()
    name = own_api.database.dbname
    with psycopg.connect(own_api.database.server.conninfo("postgres"), autocommit=True) as admin:
        admin.execute(f"alter database {name} allow_connections false".encode())
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rubis_api'"
                      " and datname = %s", [name])  # fmt: skip
        for path in ("/readyz", "/api/v1/me"):
            answer = ana.client.get(path)
            problem(answer, 503, "database__unreachable")
            assert int(answer.headers["retry-after"]) > 0
        assert own_api.client().get("/healthz").status_code == 200
        admin.execute(f"alter database {name} allow_connections true".encode())
    until(lambda: ana.get("me").status_code == 200, "the API does not come back", pause=0.2)


def test_nothing_is_written_when_a_body_breaks_off(ana: Account) -> None:
    """The caller goes away in the middle of a request."""
    host, _, port = ana.api.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        head = f"POST /api/v1/clients HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ana.token}\r\n"
        connection.sendall(
            f'{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"name": "X"'.encode()
        )
    assert ana.get("clients").json()["items"] == []
