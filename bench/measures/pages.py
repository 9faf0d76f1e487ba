"""How long the pages of the app take with many invoices of one's own among many more of others."""

from statistics import median

from bench import loading
from bench.ground import Ground
from bench.results import Row
from bench.sites import Answered, Site, request, serving
from bench.sizes import Sizes

_AIM_MS = 30
_BARE = """
create table bare (id bigint primary key, value bigint not null default 0);
insert into bare (id) select generate_series(1, 1000);
"""
_NEWEST = """
select max(i.invoice_id), max(i.client_id) from rubis.invoice as i where i.organization_id = %s
"""

_PAGES = {
    "today": "/",
    "invoices": "/invoices",
    "overdue": "/invoices?view=overdue",
    "invoice": "/invoices/{invoice}",
    "money": "/money",
    "activity": "/activity",
    "account": "/settings/account",
}
"""By name: an address; `{invoice}` and `{client}` are ids of one's own."""


def measure(ground: Ground, sizes: Sizes) -> list[Row]:
    """One row per page. One connection, so that a request's time is the server's."""
    others = sizes.growth[-1]
    rows = []
    with ground.empty("bare") as bare_database, ground.loaded(others, "mixed") as database:
        with bare_database.session() as session:
            session.execute(_BARE)
            session.execute("vacuum analyze bare")
        with database.session() as session:
            own = loading.load_own(session, sizes.own_invoices, max(sizes.own_invoices // 33, 1))
            newest = session.execute(_NEWEST, [own]).fetchone()
        assert newest is not None
        with (
            serving(ground, bare_database, "bench.peers.bare_route", connections=1) as bare,
            serving(ground, database, "app.cli", "web", connections=1, name="web") as web,
        ):
            for name, page in _PAGES.items():
                path = page.format(invoice=newest[0], client=newest[1])
                rounds = [
                    (_page(web, path, sizes.page_requests), _read(bare, sizes.page_requests))
                    for _ in range(sizes.rounds + 1)
                ]
                rows.append(_row(name, page, rounds[1:], sizes.own_invoices, others))
    return rows


def _page(web: Site, path: str, count: int) -> Answered:
    """Look at a page so many times."""
    return web.ask([request("GET", path, Cookie=f"rubis={loading.web_token()}")] * count, 200)


def _read(bare: Site, count: int) -> Answered:
    return bare.ask([request("GET", f"/{1 + number % 1000}") for number in range(count)], 200)


def _row(name: str, page: str, rounds: list[tuple[Answered, Answered]], own: int, others: int) -> Row:
    """The medians. The aim is about the time itself: a page is no multiple of a row read."""
    times = [(ours.p50_ms, theirs.p50_ms) for ours, theirs in rounds]
    slow = median(ours.p99_ms for ours, _ in rounds)
    return Row(
        key=f"pages_{name}",
        measure=f"page of the app, `{page}`, {own:,} invoices of one's own and {others:,} of others",
        unit="ms",
        ours=median(ours for ours, _ in times),
        baseline=median(theirs for _, theirs in times),
        baseline_is="bare FastAPI route that reads one row, ms",
        aim=_AIM_MS,
        bound="at most",
        rounds=times,
        evidence=f"`{page}`: p99 {slow:.1f} ms; {rounds[-1][0].busy}.",
    )
