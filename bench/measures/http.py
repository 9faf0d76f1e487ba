"""Clicks and new invoices per second through one API process, beside the barest route that keeps its word."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.ground import Database, Ground
from bench.loading import CLIENTS_PER_ORGANIZATION, access_token, token
from bench.programs import Meter, Program, ask, free_port, running
from bench.results import Row
from bench.sizes import Sizes

_SEED = 20
_MOST_BUSY = 0.5
"""Of a core: a generator busier than this would be what is measured."""

_BARE = """
create table bare (id bigint primary key, value bigint not null default 0);
insert into bare (id) select generate_series(1, %s);
"""
_DONE = """
select count(*) filter (where i.status = 'paid'), count(*) filter (where i.number like 'H-%')
  from rubis.invoice as i
"""


class _Site:
    """A server to ask, and how busy it and the database were while it was asked."""

    def __init__(self, program: Program, port: int, ground: Ground, connections: int) -> None:
        self.busy = ""
        self._program = program
        self._port = port
        self._ground = ground
        self._connections = connections

    def rate(self, requests: list[str], status: int) -> float:
        """Requests per second; all must be answered with this status."""
        order = {"port": self._port, "connections": self._connections, "requests": requests}
        meter = Meter(API=self._program.process, PostgreSQL=self._ground.postmaster)
        report = json.loads(ask("bench.peers.generator", json.dumps(order), self._ground.folder))
        self.busy = (
            f"{meter.each(len(requests))}; p50 {report['p50_ms']:.1f} ms, p99 {report['p99_ms']:.1f} ms"
        )
        if report["statuses"] != {str(status): len(requests)}:
            message = (
                f"not all were answered {status}: {report['statuses']}\n{self._program.output()[-2000:]}"
            )
            raise RuntimeError(message)
        if report["busy"] > _MOST_BUSY:
            message = f"the load generator was the bottleneck: busy {report['busy']:.0%} of the time"
            raise RuntimeError(message)
        return len(requests) / float(report["seconds"])


def measure(ground: Ground, sizes: Sizes) -> list[Row]:
    """The rows of clicks and of invoices; both against the same bare route."""
    rounds, requests = sizes.rounds + 1, sizes.http_requests
    mails = rounds * requests
    template = ground.invoices_template(mails, "asked")
    rows = []
    with ground.empty("bare") as bare_database, ground.clone(template, "http") as database:
        with bare_database.session() as session:
            session.execute(_BARE, [mails])
            session.execute("vacuum analyze bare")
        with (
            _bare(ground, bare_database, sizes) as bare,
            _api(ground, database, sizes) as api,
        ):
            chance = random.Random(_SEED)  # noqa: S311  which rows, not secrets
            numbers = chance.sample(range(1, mails + 1), mails)

            def updates() -> list[str]:
                return [_request("POST", f"/{chance.randint(1, mails)}") for _ in range(requests)]

            def clicks(turn: int) -> list[str]:
                chosen = numbers[turn * requests : (turn + 1) * requests]
                return [_request("GET", f"/api/v1/checkin/{token(number)}/paid") for number in chosen]

            def invoices(turn: int) -> list[str]:
                return [
                    _new_invoice(chance.randint(1, sizes.organizations), f"H-{turn}-{k}")
                    for k in range(requests)
                ]

            kinds: list[tuple[str, Callable[[int], list[str]], int, float]] = [
                ("answers", clicks, 302, 0.6),
                ("invoices", invoices, 201, 0.5),
            ]
            for kind, make, status, aim in kinds:
                pairs = [(api.rate(make(turn), status), bare.rate(updates(), 200)) for turn in range(rounds)]
                rows.append(
                    Row.of_rounds(
                        f"http_{kind}",
                        f"{kind} over HTTP, one API process, {sizes.http_connections} connections",
                        f"{kind}/s",
                        pairs[1:],
                        baseline_is="bare FastAPI route that updates one row, requests/s",
                        aim=aim,
                        evidence=f"Processor time of each: ours {api.busy}; bare route {bare.busy}.",
                    )
                )
        _check(database, mails)
    return rows


def _check(database: Database, count: int) -> None:
    """Every click was a first one and every invoice is there."""
    with database.session() as session:
        found = session.execute(_DONE).fetchone()
    if found != (count, count):
        message = f"{count} clicks and {count} invoices were accepted, but the tables have {found}"
        raise RuntimeError(message)


@contextmanager
def _api(ground: Ground, database: Database, sizes: Sizes) -> Iterator[_Site]:
    port = free_port()
    environment = database.environment(ground.folder, PORT=str(port))
    with running("app.cli", "api", environment=environment, folder=ground.folder) as program:
        program.wait_for_port(port)
        yield _Site(program, port, ground, sizes.http_connections)


@contextmanager
def _bare(ground: Ground, database: Database, sizes: Sizes) -> Iterator[_Site]:
    port = free_port()
    environment = database.environment(ground.folder, PORT=str(port))
    with running("bench.peers.bare_route", environment=environment, folder=ground.folder) as program:
        program.wait_for_port(port)
        yield _Site(program, port, ground, sizes.http_connections)


def _new_invoice(organization_id: int, number: str) -> str:
    body = {
        "client_id": (organization_id - 1) * CLIENTS_PER_ORGANIZATION + 1,
        "number": number,
        "issued_on": "2031-01-02",
        "due_on": "2031-02-03",
        "amount_cents": 120_000,
        "currency": "EUR",
    }
    return _request("POST", "/api/v1/invoices", access_token(organization_id), json.dumps(body))


def _request(method: str, path: str, access: str = "", body: str = "") -> str:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "User-Agent: Mozilla/5.0 (bench)"]
    if access:
        lines.append(f"Authorization: Bearer {access}")
    if method == "POST":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines) + "\r\n\r\n" + body
