"""Every two acts that plan, settle or change what planning reads: as if one came after the other."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from pytest_postgresql.executors import NoopExecutor

from tests.support.database import Database, Server
from tests.support.ground import CHANGES, PLANS, SETTLES, Act, Ground, State, lay, state
from tests.support.line import Connections
from tests.support.race import sqlstate
from tests.support.session import Session
from tests.support.shared import shared_database
from tests.support.waiting import PATIENCE, until

ACTS = CHANGES | PLANS | SETTLES


class Steps:
    """Two sessions that meet on the ground, again and again."""

    def __init__(self, database: Database, ground: Ground) -> None:
        self.database = database
        self.ground = ground
        self.first, self.second = database.session("postgres"), database.session("postgres")

    def in_turn(self, first: Act, second: Act) -> tuple[list[str | None], State]:
        """One after the other, in a transaction that is rolled back: their errors, and what they lead to."""
        session = self.first
        with session.connection.transaction(force_rollback=True):
            errors = [sqlstate(self._outcome(act, session)) for act in (first, second)]
            return errors, state(session)

    def at_once(self, first: Act, second: Act) -> tuple[list[str | None], State]:
        """The second comes while the first, done, has not committed."""
        with ThreadPoolExecutor(1) as pool:
            with self.first.connection.transaction():
                begun = self._outcome(first, self.first)
                ended = pool.submit(self._outcome, second, self.second)
                self._meet(ended.done)
            outcomes = [begun, ended.result(PATIENCE)]
        return [sqlstate(outcome) for outcome in outcomes], state(self.first)

    def _outcome(self, act: Act, session: Session) -> Any:
        try:
            with session.connection.transaction():
                return act(self.ground.cast.over(session), self.ground)
        except psycopg.Error as error:
            return error

    def _meet(self, is_done: Callable[[], bool]) -> None:
        pids = [s.connection.info.backend_pid for s in (self.first, self.second)]
        query = "select %s = any (pg_blocking_pids(%s))"
        until(
            lambda: is_done() or self.database.admin.value(query, pids), "neither waits nor ends", pause=0.002
        )


@pytest.fixture(scope="module")
def steps(
    server: Server, template: NoopExecutor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Steps]:
    """The ground, laid once."""
    with shared_database(server, template, "rubis_pairs", tmp_path_factory.mktemp("pairs")) as database:
        yield Steps(database, lay(Connections(database)))


@pytest.mark.parametrize("name", ACTS)
def test_two_at_once_are_as_one_after_the_other(steps: Steps, name: str) -> None:
    """This act, not yet committed, met by each other one: no deadlock, and the rows of one of both orders."""
    found = {}
    for other in ACTS:
        steps.ground.restore()
        errors, end = steps.in_turn(ACTS[other], ACTS[name])
        orders = [steps.in_turn(ACTS[name], ACTS[other]), (errors[::-1], end)]
        met = steps.at_once(ACTS[name], ACTS[other])
        if met not in orders:
            found[other] = _difference(met, orders)
    assert not found, "\n".join(f"{other}: {what}" for other, what in found.items())


def _difference(met: Any, orders: Any) -> str:
    """What differs from each order."""
    lines = [f"errors {met[0]}, in turn {orders[0][0]}, the other way {orders[1][0]}"]
    for title, order in zip(("in turn", "the other way"), orders, strict=True):
        for table, rows in met[1].items():
            lines += [f"  {title}: only at once: {table} {row}" for row in set(rows) - set(order[1][table])]
            lines += [f"  {title}: not at once: {table} {row}" for row in set(order[1][table]) - set(rows)]
            if set(rows) == set(order[1][table]) and rows != order[1][table]:
                lines.append(f"  {title}: {table} has other multiples")
    return "\n".join(lines)
