"""Thousands of clicks, and everything else that can happen to the same invoices, at the same moment."""

import asyncio
import random
import threading
from collections import Counter
from datetime import date, timedelta
from typing import Any, Self

import httpx

from tests.faults.conftest import Figures, Scale
from tests.faults.support.checks import asked, assert_rubis, assert_rules
from tests.faults.support.site import Site, running_site
from tests.support.person import Person
from tests.support.stack import Stack
from tests.support.ticker import Ticker
from tests.support.waiting import until

_AT_ONCE = 100
"""Requests under way at the same time: more than an API has connections to its database."""

_ACTIONS = ("mark-paid", "cancel", "reopen", "due date", "answer")


def test_clicks_at_once_earn_exactly_their_rubis(scale: Scale, rng: random.Random, figures: Figures) -> None:
    """No deadlock, no 5xx, and exactly the rubis that were earned."""
    people, each, clicks = scale(10, 4), scale(20, 10), scale(2000, 400)
    with running_site() as site:
        stack = Stack(site.database, site.peer, site.apis[0], site.workers[0], site.url)
        persons = [Person(stack) for _ in range(people)]
        invoices = [(person, person.issue()["invoice_id"]) for person in persons for _ in range(each)]
        stack.a_minute_passes()
        until(lambda: len(asked(site)) == len(invoices), site.workers[0].log, 60)
        requests = click_requests(site, rng, clicks) + actions(rng, invoices, clicks // 2)
        rng.shuffle(requests)
        with Ticks(site) as ticks:
            statuses = asyncio.run(all_at_once(site.url, requests))
        for person in persons:
            person.browser.close()
        assert ticks.errors == []
        assert {status for _, status in statuses if status >= 500} == set(), statuses
        assert {status for kind, status in statuses if kind in ("paid", "pending")} <= {302}
        assert "deadlock detected" not in site.server_log()
        assert (
            site.database.admin.value(
                "select deadlocks from pg_stat_database where datname = current_database()"
            )
            == 0
        )
        paid = [
            row["invoice_id"]
            for row in site.database.admin.rows("select invoice_id from rubis.invoice where status = 'paid'")
        ]
        rubis = assert_rubis(site.database)
        assert rubis == len(paid) > 0
        assert_rules(site.database)
        told = Counter(status for _, status in statuses.elements())
        outcomes = {
            row["outcome"]: row["count"]
            for row in site.database.admin.rows(
                "select outcome, count(*) from rubis.checkin_click group by 1 order by 1"
            )
        }
        assert sum(outcomes.values()) == clicks
        figures.tell(
            clicks=clicks,
            tokens=len(invoices),
            other_requests=clicks // 2,
            ticks=ticks.count,
            statuses=dict(sorted(told.items())),
            outcomes=outcomes,
            rubis=rubis,
        )


def click_requests(site: Site, rng: random.Random, count: int) -> list[dict[str, Any]]:
    """So many clicks, either answer, on all tokens alike."""
    questions = asked(site)
    chosen = [
        (questions[number % len(questions)], rng.choice(("paid", "pending"))) for number in range(count)
    ]
    return [{"kind": answer, "method": "GET", "url": question.links[answer]} for question, answer in chosen]


def actions(rng: random.Random, invoices: list[tuple[Person, int]], count: int) -> list[dict[str, Any]]:
    """So many things that the users do with the same invoices."""
    return [_action(rng, *rng.choice(invoices)) for _ in range(count)]


def _action(rng: random.Random, person: Person, invoice_id: int) -> dict[str, Any]:
    kind = rng.choice(_ACTIONS)
    url = f"/api/v1/invoices/{invoice_id}"
    request: dict[str, Any] = {
        "kind": kind,
        "method": "POST",
        "url": f"{url}/{kind}",
        "headers": {"Authorization": person.browser.headers["Authorization"]},
    }
    if kind == "reopen":
        request["json"] = {"reason": "by mistake"}
    elif kind == "answer":
        request |= {"url": f"{url}/checkin/answer", "json": {"answer": rng.choice(("paid", "pending"))}}
    elif kind == "due date":
        day = date.today() - timedelta(days=rng.randrange(1, 20))  # noqa: DTZ011  any day before now
        request |= {"method": "PATCH", "url": url, "json": {"due_on": str(day)}}
    return request


async def all_at_once(url: str, requests: list[dict[str, Any]]) -> Counter[tuple[str, int]]:
    """Send them all; how many answers of each status, by kind."""
    waiting = iter(requests)
    statuses: Counter[tuple[str, int]] = Counter()

    async def send(client: httpx.AsyncClient) -> None:
        for request in waiting:
            answer = await client.request(
                **{name: value for name, value in request.items() if name != "kind"}
            )
            statuses[request["kind"], answer.status_code] += 1

    # A connection each: one that is kept may be closed by the server at the moment it is used again.
    limits = httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        await asyncio.gather(*(send(client) for _ in range(_AT_ONCE)))
    return statuses


class Ticks:
    """Within: a tick after the other, beside the worker's own, and time that goes on."""

    def __init__(self, site: Site) -> None:
        self.count = 0
        self.errors: list[str] = []
        self._ticker = Ticker(site.database)
        self._clock = site.database.clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._ticker.tick(limit=50, name="one more")
                self._clock.advance(seconds=20)
            except Exception as error:  # noqa: BLE001  whatever it is, the test is to see it
                self.errors.append(repr(error))
                return
            self.count += 1
            self._stop.wait(0.1)
