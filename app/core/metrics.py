"""What Prometheus reads of every process, and the listener that shows it.

No label's value comes from a request, a row or a person, only from our own words: route templates, outcomes,
kinds, reasons. Each application has a registry of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from platform import python_version

import structlog
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from app.core.database import Database

log = structlog.get_logger(__name__)

# Without `_created` series: they would double the number, and no query of ours reads them.
disable_created_metrics()  # type: ignore[no-untyped-call]

_POOL_GAUGES = {
    "pool_max": ("rubis_pool_max_size", "Connections the pool may have."),
    "pool_size": ("rubis_pool_size", "Connections the pool has."),
    "pool_available": ("rubis_pool_available", "Those of them that are idle."),
    "requests_waiting": ("rubis_pool_waiting", "Calls that wait for a connection now."),
}
_POOL_COUNTERS = {
    "requests_num": ("rubis_pool_requests", "Calls that asked for a connection."),
    "requests_queued": ("rubis_pool_requests_queued", "Calls that had to wait for one."),
    "requests_errors": ("rubis_pool_timeouts", "Calls that got none: too long a wait, or too many waiting."),
    "connections_errors": ("rubis_pool_connection_errors", "Attempts to connect that failed."),
    "connections_lost": ("rubis_pool_connections_lost", "Connections found broken, and replaced."),
}


class ListenerError(RuntimeError):
    """The address for /metrics cannot be used; the message says which setting to change."""


class _Process:
    """Which release runs, and the connections of its pool, read at each look."""

    def __init__(self, process: str, database: Database) -> None:
        self._build = [process, version("rubis-sur-l-ongle"), python_version()]
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """In any thread."""
        build = GaugeMetricFamily(
            "rubis_build_info", "1: this release runs.", labels=["process", "version", "python"]
        )
        build.add_metric(self._build, 1)
        yield build
        stats = self._database.pool_stats()
        for key, (name, documentation) in _POOL_GAUGES.items():
            yield GaugeMetricFamily(name, documentation, value=stats.get(key, 0))
        for key, (name, documentation) in _POOL_COUNTERS.items():
            yield CounterMetricFamily(name, documentation, value=stats.get(key, 0))


def new_registry(process: str, database: Database) -> CollectorRegistry:
    """With what every process shows: its release, CPU, memory, files, garbage collections and its pool."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    registry.register(_Process(process, database))
    return registry


@asynccontextmanager
async def exposed(
    registry: CollectorRegistry, host: str, port: int | None, setting: str
) -> AsyncIterator[None]:
    """Serve /metrics at this address in threads of its own until the block ends; without a port, do nothing.

    Raises ListenerError, which names the `setting` that the port is from.
    """
    if port is None:
        yield
        return
    try:
        server, thread = await asyncio.to_thread(start_http_server, port, host, registry)
    except OSError as error:
        message = (
            f"Port {port} of {host} cannot be used for /metrics: {error.strerror}."
            f" Free it, or change {setting} or METRICS_HOST."
        )
        raise ListenerError(message) from error
    log.info("metrics_exposed", host=host, port=port)
    try:
        yield
    finally:
        # In a thread: a scrape in progress may wait for this loop.
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()
