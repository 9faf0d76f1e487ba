"""A connection with the few verbs a test needs, and a clock that stands still until told to move."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, dict_row

OpenSession = Callable[..., "Session"]  # the fixture open_session
Params = Sequence[Any] | Mapping[str, Any] | None

_CLOCK = """
create schema if not exists rubis_test;
create table rubis_test.now (frozen timestamptz, shift interval not null);
insert into rubis_test.now values (null, '0');
create or replace function rubis.clock()
returns timestamptz language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select coalesce(frozen, pg_catalog.clock_timestamp()) + shift from rubis_test.now; $$;
"""


class Clock:
    """Replaces rubis.clock() in one database (within `tx`: in its transaction) when first set or moved."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._installed = False
        self._real = ""

    def set(self, instant: datetime | str) -> datetime:
        """Stop time at this instant; text needs an offset or a zone: `2026-03-29 09:00 Europe/Paris`."""
        self._run("update rubis_test.now set frozen = %s::timestamptz, shift = '0'", [instant])
        return self.now()

    def advance(self, **duration: float) -> datetime:
        """Move time on, stopped or running, by `timedelta(**duration)`; negative goes back."""
        self._run("update rubis_test.now set shift = shift + %s", [timedelta(**duration)])
        return self.now()

    def wait_until(self, instant: datetime) -> datetime:
        """Move time on to this instant, stopped or running; not back if it is over."""
        if (left := instant - self.now()) > timedelta(0):
            self._run("update rubis_test.now set shift = shift + %s", [left])
        return self.now()

    def run(self) -> None:
        """Let a stopped time run, from where it stands."""
        self._run(
            "update rubis_test.now set shift = shift + (frozen - pg_catalog.clock_timestamp()), frozen = %s",
            [None],
        )

    def restore(self) -> None:
        """Put production's clock back, and leave nothing of this one."""
        with self._session.acting_as("rubis_owner"):
            self._session.execute(self._real)
            self._session.execute("drop schema rubis_test cascade")
        self._installed = False

    def now(self) -> datetime:
        """What rubis.clock() says."""
        with self._session.acting_as("rubis_owner"):
            instant: datetime = self._session.value("select rubis.clock()")
        return instant

    def _run(self, query: str, params: Sequence[Any]) -> None:
        with self._session.acting_as("rubis_owner"):
            if not self._installed:
                self._real = self._session.value("select pg_get_functiondef('rubis.clock'::regproc)")
                self._session.connection.execute(_CLOCK)
                self._installed = True
            self._session.execute(query, params)


class Session:
    """One connection. Rows are dicts; `connection` is psycopg's, for what is not here."""

    def __init__(self, connection: psycopg.Connection[DictRow]) -> None:
        self.connection = connection
        self.clock = Clock(self)

    def execute(self, query: str, params: Params = None) -> psycopg.Cursor[DictRow]:
        """Run a statement."""
        return self.connection.execute(query.encode(), params)

    def rows(self, query: str, params: Params = None) -> list[DictRow]:
        """All rows."""
        return self.execute(query, params).fetchall()

    def row(self, query: str, params: Params = None) -> DictRow:
        """The only row; fails if there is none or more than one."""
        rows = self.rows(query, params)
        assert len(rows) == 1, f"{len(rows)} rows from: {query}"
        return rows[0]

    def value(self, query: str, params: Params = None) -> Any:
        """The only column of the only row."""
        row = self.row(query, params)
        assert len(row) == 1, f"{len(row)} columns from: {query}"
        return next(iter(row.values()))

    def call(self, function: str, /, **params: Any) -> Any:
        """Call a function by name with named parameters: its only row, or that row's only column.

        `session.call("api.get_client", p_access_token_hash=b"...", p_client_id=1)`
        """
        arguments = sql.SQL(", ").join(
            sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in params
        )
        query = sql.SQL("select * from {}({})").format(sql.Identifier(*function.split(".")), arguments)
        rows = self.connection.execute(query, params).fetchall()
        assert len(rows) == 1, f"{len(rows)} rows from {function}"
        return next(iter(rows[0].values())) if len(rows[0]) == 1 else rows[0]

    @contextmanager
    def acting_as(self, role: str) -> Iterator[None]:
        """Within: have this role's rights (`rubis_api`, ...). For `tx`, `database.admin` and `.owner()`."""
        before = self.value("select current_setting('role')")
        self.connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        try:
            yield
        finally:
            if self.connection.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
                self.connection.execute(sql.SQL("set role {}").format(sql.Identifier(before)))

    @contextmanager
    def raises(
        self, sqlstate: str, constraint: str | None = None, column: str | None = None
    ) -> Iterator[None]:
        """Within: exactly this error, in a savepoint, so that a transaction goes on afterwards."""
        with pytest.raises(psycopg.Error) as caught, self.connection.transaction():
            yield
        found = caught.value.diag
        assert found.sqlstate == sqlstate, f"{found.sqlstate}: {found.message_primary}"
        if constraint is not None:
            assert found.constraint_name == constraint
        if column is not None:
            assert found.column_name == column


def connect(conninfo: str, role: str | None = None, *, autocommit: bool = True) -> Session:
    """Open a session; with `role`, one that acts as that role from its start."""
    address = make_conninfo(conninfo, options=f"-c role={role}") if role else conninfo
    return Session(psycopg.connect(address, autocommit=autocommit, row_factory=dict_row))
