"""What one call costs when the tables grow: pages touched, and time to the end of its commit."""

import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import fmean, median
from typing import Any

from app.core.security import token_hash
from bench import loading
from bench.ground import Connection, Database, Ground
from bench.results import Row
from bench.sizes import Sizes

_SEED = 500
_BUFFERS_AIM = 1.3
_LATENCY_AIM = 1.6
_WARM_UP = 8  # calls; after five a statement of PL/pgSQL has its lasting plan
_TICK = "tick"
"""The operation that needs what is due to be made first, and put back after."""
_PAGE = 9
"""Invoices on a page of the list, as long at every size: the smallest has ten per organization."""

_CREATE_INVOICE = """
select * from api.create_invoice(%s, %s, null, null, %s, '2031-01-02', '2031-02-03', 12000, 'EUR')
"""
_Values = list[Any]


class _Tables:
    """One database of `count` open invoices, and calls of each operation on it."""

    def __init__(self, database: Database, count: int, sizes: Sizes, cleanup: ExitStack) -> None:
        self.count = count
        self.admin = cleanup.enter_context(database.session())
        self._organizations = sizes.organizations
        self._api = cleanup.enter_context(database.session("rubis_api"))
        self._worker = cleanup.enter_context(database.session("rubis_worker"))
        chance = random.Random(_SEED)  # noqa: S311  which rows, not secrets
        self._chance = chance
        asked = [number for number in range(1, count + 1) if number % 4 < 3]  # noqa: PLR2004  as loaded
        self._tokens = iter(chance.sample(asked, min(len(asked), 20_000)))
        self._serial = itertools.count(1)

    def calls(self) -> dict[str, Callable[[], tuple[Connection, str, _Values]]]:
        """By operation: what makes the next call, as a session, a statement and its values."""
        return {
            "answer": self._answer,
            "insert": self._insert,
            "idle tick": self._idle_tick,
            "timeline": self._timeline,
            "list": self._list,
        }

    def tick(self, task: int) -> tuple[Connection, str, _Values]:
        """The tick of the organization of this check-in, which is due."""
        call = "select * from worker.tick_organization(%s, 500)"
        return self._worker, call, [self._organization_of(task)]

    def make_due(self) -> int:
        """Let a scheduled check-in fall due, anywhere in the tables; which."""
        task = 4 * self._chance.randrange(self.count // 4) + 3
        loading.run(self.admin, "make_due", task=task, organization=self._organization_of(task))
        return task

    def make_undue(self, task: int) -> None:
        """Put it back, and tidy up as autovacuum would in time."""
        loading.run(self.admin, "make_undue", task=task, organization=self._organization_of(task))
        self.admin.execute("vacuum rubis.checkin_task, rubis.mail, rubis.agenda")

    def _answer(self) -> tuple[Connection, str, _Values]:
        hashed = token_hash(loading.token(next(self._tokens)))
        return self._api, "select * from api.answer_checkin(%s, 'paid', 'bench')", [hashed]

    def _insert(self) -> tuple[Connection, str, _Values]:
        organization_id = self._chance.randint(1, self._organizations)
        client_id = (organization_id - 1) * loading.CLIENTS_PER_ORGANIZATION + 1
        number = f"G-{next(self._serial)}"
        return (
            self._api,
            _CREATE_INVOICE,
            [self._access(organization_id), client_id, number],
        )

    def _idle_tick(self) -> tuple[Connection, str, _Values]:
        return self._worker, "select * from worker.due_organizations('bench', 100)", []

    def _timeline(self) -> tuple[Connection, str, _Values]:
        invoice_id = self._chance.randint(1, self.count)
        access = self._access(self._organization_of(invoice_id))
        return self._api, "select * from api.list_activity(%s, %s, 50, null)", [access, invoice_id]

    def _list(self) -> tuple[Connection, str, _Values]:
        access = self._access(self._chance.randint(1, self._organizations))
        return self._api, "select * from api.list_invoices(%s, 'open', p_limit => %s)", [access, _PAGE]

    def _organization_of(self, number: int) -> int:
        return 1 + (number - 1) % self._organizations

    def _access(self, organization_id: int) -> bytes:
        return token_hash(loading.access_token(organization_id))


def measure(ground: Ground, sizes: Sizes) -> list[Row]:
    """Two rows per operation, the largest size beside the smallest; every size is in the row's points."""
    with ExitStack() as cleanup:
        tables = []
        for count in sizes.growth:
            database = cleanup.enter_context(ground.loaded(count, "mixed"))
            tables.append(_Tables(database, count, sizes, cleanup))
        operations = [*tables[0].calls(), _TICK]
        buffers = {
            operation: {one.count: _buffers(one, operation, sizes.growth_calls) for one in tables}
            for operation in operations
        }
        latencies: dict[str, dict[int, list[float]]] = {
            operation: {one.count: [] for one in tables} for operation in operations
        }
        for _ in range(sizes.rounds):
            for operation, one in itertools.product(operations, tables):
                latencies[operation][one.count].append(_latency(one, operation, sizes.growth_calls))
    labels = {_TICK: "tick of an organization with a question due"}
    return [
        row
        for operation in operations
        for row in (
            _row(
                operation,
                labels.get(operation, operation),
                "pages per call",
                {count: [pages] for count, pages in buffers[operation].items()},
                _BUFFERS_AIM,
            ),
            _row(operation, labels.get(operation, operation), "ms", latencies[operation], _LATENCY_AIM),
        )
    ]


def _row(operation: str, label: str, unit: str, costs: dict[int, list[float]], aim: float) -> Row:
    smallest, largest = min(costs), max(costs)
    kind = "latency" if unit == "ms" else "buffers"
    row = Row.of_rounds(
        f"growth_{operation.replace(' ', '_')}_{kind}",
        f"{label}, {kind}, at {largest:,} open invoices",
        unit,
        list(zip(costs[largest], costs[smallest], strict=True)),
        baseline_is=f"the same at {smallest:,}",
        aim=aim,
        bound="at most",
    )
    return Row(**{**vars(row), "points": {count: median(cost) for count, cost in costs.items()}})


def _buffers(tables: _Tables, operation: str, calls: int) -> float:
    """Pages of tables and indexes that a call touches, itself and all it calls: the mean."""
    explain = "explain (analyze, buffers, costs off, timing off, format json) "
    pages = []
    for session, query, values in _each(tables, operation, calls):
        plan = session.execute((explain + query).encode(), values).fetchone()
        assert plan is not None
        root = plan[0][0]["Plan"]
        pages.append(root["Shared Hit Blocks"] + root["Shared Read Blocks"])
    return fmean(pages[_WARM_UP:] or pages)


def _latency(tables: _Tables, operation: str, calls: int) -> float:
    """Milliseconds from the call to its answer, its commit within: the median."""
    took = []
    for session, query, values in _each(tables, operation, calls):
        began = time.perf_counter()
        session.execute(query.encode(), values).fetchall()
        took.append(1000 * (time.perf_counter() - began))
    return median(took[_WARM_UP:] or took)


def _each(tables: _Tables, operation: str, calls: int) -> Iterator[tuple[Connection, str, _Values]]:
    """The calls of an operation; after each, what it changed for the others is put right."""
    if operation in tables.calls():
        for _ in range(calls + _WARM_UP):
            yield tables.calls()[operation]()
        return
    for _ in range(_WARM_UP + max(2, calls // 5)):
        task = tables.make_due()
        yield tables.tick(task)
        tables.make_undue(task)
