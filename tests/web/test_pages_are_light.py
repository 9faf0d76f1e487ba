"""Every page of the app is light: few calls of the database, few bytes to send, whatever its rows hold."""

import gzip
from hashlib import shake_256

import httpx
import pytest
from starlette.routing import Route

from app.core.database import Database
from tests.support.cast import Cast
from tests.web.test_every_route import GETS, Ground, address, ground, names

__all__ = ["ground"]

MOST_CALLS = 3
"""The frame's is one of them."""
MOST_HTML = 40_000
"""Bytes of a page, gzipped."""
MOST_STYLE_AND_SCRIPT = 15_000
"""Bytes of what all pages share, as sent."""
ROWS = 60
"""More than a list shows at once."""


@pytest.fixture(scope="module")
def full(ground: Ground) -> Ground:
    """More invoices, clients and drafts than a page shows, with long names of which no two are alike."""
    fill(ground.world.mine)
    return ground


def fill(cast: Cast) -> None:
    """Rows that compress badly."""
    long = [shake_256(str(number).encode()).hexdigest(100) for number in range(ROWS)]
    drafts = [{"number": f"D-{name[:50]}", "client_name": name, "amount_cents": 1_000} for name in long]
    cast.api("create_import_batch", drafts=cast.json(drafts))
    cast.dba(
        "insert into rubis.client (organization_id, name, email)"
        " select %s, n, left(n, 60) || '@clients.example' from unnest(%s::text[]) as n",
        cast.organization_id,
        long,
    )
    cast.dba(
        "insert into rubis.invoice ("
        "  organization_id, client_id, user_id, number, issued_on, due_on, amount_cents)"
        " select c.organization_id, c.client_id, %s, left(c.name, 60), d.day - 30, d.day, 100000"
        "   from rubis.client as c"
        "  cross join (select (rubis.clock() - interval '9 days')::date) as d (day)"
        "  where c.organization_id = %s and c.name = any (%s)",
        cast.user_id,
        cast.organization_id,
        long,
    )


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The functions that the app calls from here on."""
    called: list[str] = []
    call = Database.call

    async def counted(self: Database, function: str, *given: bytes | None, **params: object) -> object:
        called.append(function)
        return await call(self, function, *given, **params)

    monkeypatch.setattr(Database, "call", counted)
    return called


@pytest.mark.parametrize("route", GETS, ids=names)
def test_a_page_is_few_calls_and_few_bytes(full: Ground, route: Route, calls: list[str]) -> None:
    """Three calls of the database at most, and 40 kB of HTML, gzipped."""
    page = full.visitor.get(address(route, full.world, foreign=False))
    assert page.status in (200, 303)
    assert 0 < len(calls) <= MOST_CALLS, calls
    assert len(gzip.compress(page.html.encode())) < MOST_HTML


def test_style_and_script_are_few_bytes(web: httpx.Client) -> None:
    """All that a browser loads beside a page: 15 kB, as sent; who takes no gzip gets the same plainly."""
    sent = 0
    for name in ("app.css", "app.js"):
        zipped = web.get(f"/static/{name}", headers={"Accept-Encoding": "gzip"})
        plain = web.get(f"/static/{name}", headers={"Accept-Encoding": "identity"})
        assert zipped.text == plain.text
        assert "content-encoding" not in plain.headers
        assert zipped.headers["etag"] != plain.headers["etag"]
        again = web.get(f"/static/{name}", headers={"If-None-Match": zipped.headers["etag"]})
        assert again.status_code == 304
        sent += int(zipped.headers["content-length"])
    assert 1_000 < sent < MOST_STYLE_AND_SCRIPT
