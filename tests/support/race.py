"""Two sessions that meet: one holds its locks until the other is seen to wait, or all run free at once."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.support.cast import Cast
from tests.support.database import Database
from tests.support.session import Session
from tests.support.waiting import PATIENCE, until

Move = tuple[str, Callable[[Session], Any]]
"""A user (`rubis_api`, `rubis_worker`, `rubis_owner`, ...) and what is done over a session of that user's."""


def by(role: str, cast: Cast, act: Callable[[Cast], Any]) -> Move:
    """What the cast does over a session of this role: `by("rubis_api", cast, lambda it: it.click(token))`."""
    return role, lambda session: act(cast.over(session))


@dataclass(frozen=True)
class Meeting:
    """What two moves led to, and whether the second had to wait for the first one's commit."""

    first: Any
    second: Any
    waited: bool


class Race:
    """Races in one database. `deadlocks` must be 0 at the end, unless a test makes one on purpose."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.deadlocks_on_purpose = 0

    def meet(
        self, first: Move, second: Move, *, meanwhile: Callable[[Session], Any] | None = None
    ) -> Meeting:
        """Do `first` in a transaction that stays open until `second` waits for it or is done.

        A database error of the second is its result; the first must not fail. `meanwhile` goes on with the
        first one's session before it commits.
        """
        holder, other = self._session(first), self._session(second)
        try:
            with ThreadPoolExecutor(1) as pool:
                with holder.connection.transaction():
                    result = first[1](holder)
                    future = pool.submit(_outcome, second[1], other)
                    waited = self._waits(other, holder, future)
                    if meanwhile is not None:
                        meanwhile(holder)
                return Meeting(result, future.result(PATIENCE), waited)
        finally:
            self._close(holder, other)

    def run(self, moves: Sequence[Move]) -> list[Any]:
        """Do all moves at the same time; what each returned, database errors included."""
        return self.rounds(moves, 1, lambda _: None)[0]

    def rounds(self, moves: Sequence[Move], rounds: int, prepare: Callable[[int], Any]) -> list[list[Any]]:
        """Do all moves at the same time, again and again, `prepare` before each round."""
        sessions = [self._session(move) for move in moves]
        barrier = threading.Barrier(len(moves))

        def at_once(move: Move, session: Session) -> Any:
            barrier.wait(PATIENCE)
            return _outcome(move[1], session)

        results = []
        try:
            with ThreadPoolExecutor(len(moves)) as pool:
                for number in range(rounds):
                    prepare(number)
                    futures = [
                        pool.submit(at_once, move, session)
                        for move, session in zip(moves, sessions, strict=True)
                    ]
                    results.append([future.result(PATIENCE) for future in futures])
        finally:
            self._close(*sessions)
        return results

    def blocks(self, session: Session) -> bool:
        """Whether another session waits for this one."""
        query = "select exists (select from pg_stat_activity where %s = any (pg_blocking_pids(pid)))"
        blocks: bool = self.database.admin.value(query, [session.connection.info.backend_pid])
        return blocks

    def deadlocks(self) -> int:
        """How many the server has seen in this database. A session tells its own when it is closed."""
        count: int = self.database.admin.value(
            "select deadlocks from pg_stat_database where datname = current_database()"
        )
        return count

    def _session(self, move: Move) -> Session:
        return self.database.session(move[0])

    def _waits(self, waiter: Session, holder: Session, future: "Future[Any]") -> bool:
        query = "select %s = any (pg_blocking_pids(%s))"
        pids = [holder.connection.info.backend_pid, waiter.connection.info.backend_pid]
        reader = self.database.admin

        def look() -> str | None:
            if future.done():
                return "ended"
            return "waits" if reader.value(query, pids) else None

        return until(look, "neither waits nor ends", pause=0.005) == "waits"

    def _close(self, *sessions: Session) -> None:
        """A backend hands in its statistics before it leaves pg_stat_activity."""
        pids = [session.connection.info.backend_pid for session in sessions]
        for session in sessions:
            session.connection.close()
        query = "select not exists (select from pg_stat_activity where pid = any (%s))"
        until(lambda: self.database.admin.value(query, [pids]), "a session does not end", pause=0.005)


def _outcome(step: Callable[[Session], Any], session: Session) -> Any:
    try:
        return step(session)
    except psycopg.Error as error:
        return error


def sqlstate(result: Any) -> str | None:
    """The SQLSTATE of a move that failed; None of one that did not."""
    return result.sqlstate if isinstance(result, psycopg.Error) else None
