"""What the API counts, and what the database says of the flow, which shows without a worker too."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from http import HTTPStatus
from typing import Any

import structlog
from prometheus_client import Counter, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.database import Database
from app.core.errors import ApiError
from app.core.metrics import new_registry

log = structlog.get_logger(__name__)

# Longer than a call's own time-out, shorter than the default time-out of Prometheus.
_ASK_SECONDS = 8.0
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_CALLER_GONE = 499
_UP_TO = "1000 or more is 1000."


class ApiMetrics:
    """The API's registry and what is counted in it."""

    def __init__(self, database: Database) -> None:
        self.registry = new_registry("api", database)
        self.flow = Flow(database)
        self.registry.register(self.flow)
        self.requests = Counter(
            "rubis_http_requests",
            "Requests. Route: its template, or unmatched. Status 499: the caller went away; 0: no answer.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.duration = Histogram(
            "rubis_http_request_duration_seconds",
            "From a request's head to the end of its answer.",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.clicks = Counter(
            "rubis_checkin_clicks",
            "Links followed and buttons pressed. Outcome limited or not_recorded: to be clicked again.",
            ["answer", "outcome"],
            registry=self.registry,
        )
        # The series of each kind of request, kept here: finding them by label costs as much as all the rest.
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        for answer in ("paid", "pending"):
            for outcome in (answer, "already_answered", "expired", "confirm"):
                self.clicks.labels(answer, outcome)
        for outcome in ("undone", "unchanged"):
            self.clicks.labels("undo", outcome)
        for answer in ("paid", "pending", "undo"):
            for outcome in ("invalid", "limited", "not_recorded"):
                self.clicks.labels(answer, outcome)

    def click_failed(self, answer: str, status: int) -> None:
        """Count a click that was not recorded, by the status it was answered with."""
        outcome = "limited" if status == HTTPStatus.TOO_MANY_REQUESTS else "not_recorded"
        self.clicks.labels(answer, outcome).inc()

    def request(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request. Requests without a route share one series per method."""
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path", "unmatched")
        key = (method, route, status)
        if (series := self._series.get(key)) is None:
            series = self.requests.labels(*key), self.duration.labels(method, route)
            self._series[key] = series
        requests, duration = series
        requests.inc()
        duration.observe(seconds)


class RequestMetrics:
    """ASGI middleware: count and time every request, also one that fails."""

    def __init__(self, app: ASGIApp, metrics: ApiMetrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0
        gone = False

        async def watched_receive() -> Message:
            nonlocal gone
            message = await receive()
            # The caller has gone: an answer after this is not received, and is no failure of ours.
            gone = gone or (message["type"] == "http.disconnect" and status == 0)
            return message

        async def watched_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, watched_receive, watched_send)
        finally:
            self.metrics.request(scope, _CALLER_GONE if gone else status, time.perf_counter() - began)


class Flow:
    """The waiting work, read from the database at each scrape: one scrape at a time, over one connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._one_at_a_time = threading.Lock()
        self.loop: asyncio.AbstractEventLoop | None = None
        """Where the database's pool lives; None while the application does not run."""

    def collect(self) -> Iterator[Metric]:
        """`rubis_database_up`, and the rest if it is 1. In any thread but the loop's."""
        with self._one_at_a_time:
            measured = self._ask()
        up = measured is not None
        yield GaugeMetricFamily("rubis_database_up", "Whether the database answered just now.", value=up)
        if measured is not None:
            yield from _gauges(measured)
            yield from _work(measured["work"])
            yield from _queue(measured["queue"])

    def _ask(self) -> dict[str, Any] | None:
        if self.loop is None:
            return None
        asked = asyncio.run_coroutine_threadsafe(self._database.call("api.measure_flow"), self.loop)
        try:
            measured: dict[str, Any] = asked.result(_ASK_SECONDS)
        except (ApiError, TimeoutError, CancelledError) as error:
            asked.cancel()
            log.warning("flow_not_measured", cause=type(error).__name__)
            return None
        return measured


def _gauges(measured: dict[str, Any]) -> Iterator[Metric]:
    """What stands for the whole of api.measure_flow."""
    yield GaugeMetricFamily("rubis_ready", "Whether /readyz says ready.", value=measured["ready"])
    yield GaugeMetricFamily(
        "rubis_mail_blocked",
        "Whether no mail leaves: one failed for operator reasons, or for an hour all were put off.",
        value=not measured["mail_ok"],
    )
    yield GaugeMetricFamily(
        "rubis_workers", "Workers that ticked within the last minute.", value=measured["workers"]
    )
    age = measured["tick_age_seconds"]
    yield GaugeMetricFamily(
        "rubis_tick_age_seconds",
        "How long ago any worker ticked; +Inf if none has for a week.",
        value=float("inf") if age is None else age,
    )
    backup_age = measured["backup_age_seconds"]
    yield GaugeMetricFamily(
        "rubis_backup_age_seconds",
        "How long ago the last backup by `rubis backup` was complete; +Inf if there was none.",
        value=float("inf") if backup_age is None else backup_age,
    )
    yield GaugeMetricFamily(
        "rubis_relances_unconfirmed",
        f"Relances of unknown fate, which a user has to judge. {_UP_TO}",
        value=measured["relances_unconfirmed"],
    )
    yield GaugeMetricFamily(
        "rubis_checkins_held",
        f"Questions that wait until an address is proven. {_UP_TO}",
        value=measured["checkins_held"],
    )
    yield GaugeMetricFamily(
        "rubis_organizations_failing",
        f"Organizations whose last tick failed. {_UP_TO}",
        value=measured["organizations_failing"],
    )
    held = GaugeMetricFamily(
        "rubis_relances_held", f"Relances that wait for a user to act. {_UP_TO}", labels=["reason"]
    )
    for reason, count in measured["relances_held"].items():
        held.add_metric([reason], count)
    yield held


def _work(work: dict[str, dict[str, float]]) -> Iterator[Metric]:
    """What rubis.count_work says of each kind."""
    for name, documentation in (
        ("due", f"Questions, relances and other mails to users whose moment has come. {_UP_TO}"),
        ("overdue", f"Those of them that have been due for two minutes. {_UP_TO}"),
        ("in_hand", f"Mails in the queue or being sent. {_UP_TO}"),
        (
            "stuck",
            f"Mails whose lease, and questions whose links, ran out two minutes ago. {_UP_TO}",
        ),
        ("lag_seconds", "Since when the oldest due row has been due; 0 if none is."),
    ):
        family = GaugeMetricFamily(f"rubis_work_{name}", documentation, labels=["kind"])
        for kind, counts in work.items():
            family.add_metric([kind], counts[name])
        yield family


def _queue(queue: dict[str, dict[str, int]]) -> Iterator[Metric]:
    """What rubis.count_jobs says of each queue."""
    family = GaugeMetricFamily(
        "rubis_queue_jobs", "Jobs in the queue: waiting, or being done.", labels=["queue", "state"]
    )
    for name, states in queue.items():
        for state, count in states.items():
            family.add_metric([name, state], count)
    yield family
