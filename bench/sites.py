"""Servers of a measure that are asked over HTTP, and how busy they are meanwhile."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.ground import Database, Ground
from bench.programs import Meter, Program, ask, free_port, running

_MOST_BUSY = 0.5
"""Of a core: a generator busier than this would be what is measured."""


@dataclass(frozen=True)
class Answered:
    """How requests of one kind were answered."""

    rate: float
    """Requests per second."""
    p50_ms: float
    p99_ms: float
    busy: str
    """Processor time of the server and of PostgreSQL."""


class Site:
    """A server to ask, over so many connections."""

    def __init__(self, name: str, program: Program, port: int, ground: Ground, connections: int) -> None:
        self._name = name
        self._program = program
        self._port = port
        self._ground = ground
        self._connections = connections

    def ask(self, requests: list[str], status: int) -> Answered:
        """Send these requests; all must be answered with this status."""
        order = {"port": self._port, "connections": self._connections, "requests": requests}
        meter = Meter(**{self._name: self._program.process}, PostgreSQL=self._ground.postmaster)
        report = json.loads(ask("bench.peers.generator", json.dumps(order), self._ground.folder))
        busy = meter.each(len(requests))
        if report["statuses"] != {str(status): len(requests)}:
            message = (
                f"not all were answered {status}: {report['statuses']}\n{self._program.output()[-2000:]}"
            )
            raise RuntimeError(message)
        if report["busy"] > _MOST_BUSY:
            message = f"the load generator was the bottleneck: busy {report['busy']:.0%} of the time"
            raise RuntimeError(message)
        return Answered(len(requests) / float(report["seconds"]), report["p50_ms"], report["p99_ms"], busy)


@contextmanager
def serving(
    ground: Ground, database: Database, *command: str, connections: int, name: str = "API"
) -> Iterator[Site]:
    """`python -m <command>` over a database, as users get it; `name` is "web" for what listens at WEB_URL."""
    port = free_port()
    listens = {"WEB_URL": f"http://localhost:{port}"} if name == "web" else {"PORT": str(port)}
    environment = database.environment(ground.folder, **listens)
    with running(*command, environment=environment, folder=ground.folder) as program:
        program.wait_for_port(port)
        yield Site(name, program, port, ground, connections)


def request(method: str, path: str, body: str = "", **headers: str) -> str:
    """A request as it goes over the wire; a name's `_` is a header's `-`."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "User-Agent: Mozilla/5.0 (bench)"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if method == "POST":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines) + "\r\n\r\n" + body
