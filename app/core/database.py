"""Calls of stored functions by name. The only place of the API and the worker that composes SQL."""

import select
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

import psycopg
import structlog
from psycopg import AsyncConnection, sql
from psycopg.types.json import Jsonb, set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests
from pydantic_core import from_json, to_json

from app.core.errors import ApiError, from_database, unavailable

log = structlog.get_logger(__name__)

_JSONB = 3802
_VOID = 2278
_ENDED = select.POLLIN | select.POLLHUP | select.POLLERR

set_json_loads(from_json)
set_json_dumps(to_json)


class Database:
    """A pool of connections over which stored functions are called, one transaction per call.

    It opens without a server and reconnects by itself; until then calls raise `ApiError` 503. No call is sent
    twice: a pooled connection that has ended is noticed before use and replaced; if one ends during a call,
    the outcome is unknown, and only the caller can judge it.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        max_size: int = 10,
        min_size: int = 1,
        timeout: float = 5.0,
        prepare_threshold: int | None = 5,
        application_name: str = "rubis",
    ) -> None:
        """`timeout`: seconds to wait for a connection. `prepare_threshold`: None behind pgbouncer."""
        self._pool = AsyncConnectionPool(
            conninfo,
            min_size=min(min_size, max_size),
            max_size=max_size,
            max_waiting=max_size * 20,
            timeout=timeout,
            # Give up early: a request that comes later starts a new attempt at once, without back-off.
            reconnect_timeout=1.0,
            check=check_idle,
            open=False,
            name=application_name,
            kwargs={
                "autocommit": True,
                "prepare_threshold": prepare_threshold,
                "application_name": application_name,
                "connect_timeout": max(2, int(timeout)),
            },
        )

    async def open(self) -> None:
        """Start connecting, without waiting for a server."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close all connections, when the calls in hand are done."""
        await self._pool.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def pool_stats(self) -> dict[str, int]:
        """The pool's own numbers, by psycopg_pool's names. A counter that is zero is left out."""
        return self._pool.get_stats()

    async def call(self, function: str, access_token_hash: bytes | None = None, /, **params: Any) -> Any:
        """Call `schema.function` with `p_`-prefixed named parameters; return its row.

        A single jsonb column comes unwrapped, as its document (dict, list, ... or None); anything else is a
        dict by column; no row, or void, is None. A dict or list given is sent as jsonb, a tuple as an array.
        Raises ApiError.
        """
        if access_token_hash is not None:
            params = {"access_token_hash": access_token_hash, **params}
        query = _query(function, tuple(params))
        values = [_sent(value) for value in params.values()]
        try:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(query, values)
                row = await cursor.fetchone()
                columns = cursor.description or []
        except (PoolTimeout, PoolClosed, TooManyRequests) as error:
            log.warning("database_no_connection", function=function, cause=type(error).__name__)
            raise unavailable(
                "database__unreachable", "The database cannot be reached. Please try again."
            ) from None
        except psycopg.Error as error:
            # From None: the message of a psycopg error can quote a row, and would be in the traceback.
            raise from_database(error, function) from None
        if row is None:
            return None
        if len(columns) == 1 and columns[0].type_code in (_JSONB, _VOID):
            return row[0] if columns[0].type_code == _JSONB else None
        return {column.name: value for column, value in zip(columns, row, strict=True)}


def _sent(value: Any) -> Any:
    """A parameter as psycopg takes it: documents as jsonb, tuples as arrays, the rest as it is."""
    if isinstance(value, dict | list):
        return Jsonb(value)
    return list(value) if isinstance(value, tuple) else value


@lru_cache(maxsize=512)
def _query(function: str, params: tuple[str, ...]) -> bytes:
    """`select * from "schema"."function"("p_a" => %s, ...)`, composed once per function and parameters."""
    schema, _, name = function.partition(".")
    arguments = [sql.SQL("{} => %s").format(sql.Identifier(f"p_{param}")) for param in params]
    query = sql.SQL("select * from {}({})")
    return query.format(sql.Identifier(schema, name), sql.SQL(", ").join(arguments)).as_bytes(None)


async def check_idle(connection: AsyncConnection[Any]) -> None:
    """Find out whether the server ended this idle connection, without asking it.

    An idle connection has nothing to read. If there is something, the server has closed it or sent a notice,
    and a round trip finds out which. Otherwise it costs a system call, not a round trip. A pool's `check`.
    """
    poll = select.poll()
    poll.register(connection.fileno(), _ENDED)
    if poll.poll(0):
        await AsyncConnectionPool.check_connection(connection)


__all__ = ["ApiError", "Database", "check_idle"]
