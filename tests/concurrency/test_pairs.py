"""Every two acts that plan, settle or change what planning reads: as if one came after the other."""

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from pytest_postgresql.executors import NoopExecutor

from tests.support.database import Database, Server
from tests.support.ground import CHANGES, PLANS, SETTLES, Ground, State, lay, state
from tests.support.line import Connections
from tests.support.session import Session
from tests.support.shared import shared_database
from tests.support.waiting import PATIENCE, until

ACTS = CHANGES | PLANS | SETTLES

_PASSING_BY = {"tick", "begin a letter", "begin a question"}
"""They wait for no one. What another held is due again in a second, which does not pass here."""

_DUE_AGAIN = """
update rubis.agenda set next_due_at = rubis.clock();
update rubis.mail
   set status = 'queued', next_attempt_at = null, lease_expires_at = rubis.clock() + interval '10 minutes'
 where status = 'scheduled' and attempts = 0 and next_attempt_at = rubis.clock() + interval '1 second'
"""

Result = tuple[dict[str, str | None], State]
"""The error of each act, and the rows that both lead to."""


class Steps:
    """Two sessions that meet on the ground, again and again."""

    def __init__(self, database: Database) -> None:
        self.admin = database.admin
        self.ground: Ground = lay(Connections(database))
        self.first, self.second = database.session("postgres"), database.session("postgres")
        self._in_turn: dict[tuple[str, str], Result] = {}

    def in_turn(self, first: str, second: str) -> Result:
        """One after the other, in a transaction that is rolled back."""
        if (first, second) not in self._in_turn:
            with self.first.connection.transaction(force_rollback=True):
                errors = {name: self.do(name, self.first) for name in (first, second)}
                self._in_turn[first, second] = errors, self._end(errors)
        return self._in_turn[first, second]

    def at_once(self, first: str, second: str, pool: ThreadPoolExecutor) -> Result:
        """The second comes while the first, done, has not committed."""
        with self.first.connection.transaction():
            errors = {first: self.do(first, self.first)}
            done = pool.submit(self.do, second, self.second)
            self._meet(done)
        errors[second] = done.result(PATIENCE)
        end = self._end(errors)
        self.ground.restore()
        return errors, end

    def do(self, name: str, session: Session) -> str | None:
        try:
            with session.connection.transaction():
                ACTS[name](self.ground.cast.over(session), self.ground)
        except psycopg.Error as error:
            return f"{error.sqlstate}: {error.diag.message_primary}"
        return None

    def _end(self, errors: dict[str, str | None]) -> State:
        """What others held, the next tick does; what settings have outdated is planned again."""
        for name in _PASSING_BY & errors.keys():
            with self.first.connection.transaction():
                self.first.execute(_DUE_AGAIN)
            self.do(name, self.first)
        with self.first.connection.transaction():
            self.ground.cast.over(self.first).plan_again()
        return state(self.first)

    def _meet(self, done: "Future[Any]") -> None:
        pids = [session.connection.info.backend_pid for session in (self.first, self.second)]
        until(
            lambda: done.done() or self.admin.value("select %s = any (pg_blocking_pids(%s))", pids),
            "neither waits nor ends",
            pause=0.002,
        )


@pytest.fixture(scope="module")
def steps(
    server: Server, template: NoopExecutor, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Steps]:
    """The ground, laid once."""
    with shared_database(server, template, "rubis_pairs", tmp_path_factory.mktemp("pairs")) as database:
        yield Steps(database)


def test_every_act_can_be_done(steps: Steps) -> None:
    """Each act alone is refused by nothing and changes some row: else its meetings would show nothing."""
    before = state(steps.first)
    failed = {}
    for name in ACTS:
        with steps.first.connection.transaction(force_rollback=True):
            error = steps.do(name, steps.first)
            if error is not None or state(steps.first) == before:
                failed[name] = error
    assert failed == {}


def others(name: str) -> list[str]:
    """Whom an act meets: all, if it changes what planning reads; else those that do, or all if asked for."""
    meets_all = name in CHANGES or os.environ.get("RUBIS_PAIRS") == "all"
    return [other for other in (ACTS if meets_all else CHANGES) if other != name]


@pytest.mark.parametrize("name", ACTS)
def test_two_acts_at_once_end_as_in_one_of_both_orders(steps: Steps, name: str) -> None:
    """This act, not yet committed, met by each other one: no deadlock, and the rows of one order."""
    found = []
    with ThreadPoolExecutor(1) as pool:
        for other in others(name):
            orders = [steps.in_turn(name, other), steps.in_turn(other, name)]
            met = steps.at_once(name, other, pool)
            if met not in orders:
                found.append(f"{other}:\n{_difference(met, orders[0])}\nor\n{_difference(met, orders[1])}")
    assert not found, "\n".join(found)


def _difference(met: Result, order: Result) -> str:
    """What one order leads to otherwise."""
    at_once, in_turn = Counter(met[1]), Counter(order[1])
    return "\n".join(
        [
            f"{met[0]}, in turn {order[0]}",
            *(f"- {row}" for row in (in_turn - at_once).elements()),
            *(f"+ {row}" for row in (at_once - in_turn).elements()),
        ]
    )
