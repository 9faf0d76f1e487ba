"""Clicks and new invoices per second through one API process, beside the barest route that keeps its word."""

import json
import random
from collections.abc import Callable

from bench.ground import Database, Ground
from bench.loading import CLIENTS_PER_ORGANIZATION, access_token, token
from bench.results import Row
from bench.sites import request, serving
from bench.sizes import Sizes

_SEED = 20

_BARE = """
create table bare (id bigint primary key, value bigint not null default 0);
insert into bare (id) select generate_series(1, %s);
"""
_DONE = """
select count(*) filter (where i.status = 'paid'), count(*) filter (where i.number like 'H-%')
  from rubis.invoice as i
"""


def measure(ground: Ground, sizes: Sizes) -> list[Row]:
    """The rows of clicks and of invoices; both against the same bare route."""
    rounds, requests = sizes.rounds + 1, sizes.http_requests
    mails, connections = rounds * requests, sizes.http_connections
    template = ground.invoices_template(mails, "asked")
    rows = []
    with ground.empty("bare") as bare_database, ground.clone(template, "http") as database:
        with bare_database.session() as session:
            session.execute(_BARE, [mails])
            session.execute("vacuum analyze bare")
        with (
            serving(ground, bare_database, "bench.peers.bare_route", connections=connections) as bare,
            serving(ground, database, "app.cli", "api", connections=connections) as api,
        ):
            chance = random.Random(_SEED)  # noqa: S311  which rows, not secrets
            numbers = chance.sample(range(1, mails + 1), mails)

            def updates() -> list[str]:
                return [request("POST", f"/{chance.randint(1, mails)}") for _ in range(requests)]

            def clicks(turn: int) -> list[str]:
                chosen = numbers[turn * requests : (turn + 1) * requests]
                return [request("GET", f"/api/v1/checkin/{token(number)}/paid") for number in chosen]

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
                asked = [(api.ask(make(turn), status), bare.ask(updates(), 200)) for turn in range(rounds)]
                ours, theirs = (
                    f"{one.busy}; p50 {one.p50_ms:.1f} ms, p99 {one.p99_ms:.1f} ms" for one in asked[-1]
                )
                rows.append(
                    Row.of_rounds(
                        f"http_{kind}",
                        f"{kind} over HTTP, one API process, {connections} connections",
                        f"{kind}/s",
                        [(one.rate, other.rate) for one, other in asked[1:]],
                        baseline_is="bare FastAPI route that updates one row, requests/s",
                        aim=aim,
                        evidence=f"Processor time of each: ours {ours}; bare route {theirs}.",
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


def _new_invoice(organization_id: int, number: str) -> str:
    body = {
        "client_id": (organization_id - 1) * CLIENTS_PER_ORGANIZATION + 1,
        "number": number,
        "issued_on": "2031-01-02",
        "due_on": "2031-02-03",
        "amount_cents": 120_000,
        "currency": "EUR",
    }
    authorization = f"Bearer {access_token(organization_id)}"
    return request("POST", "/api/v1/invoices", json.dumps(body), Authorization=authorization)
