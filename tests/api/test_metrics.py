"""What the API shows Prometheus: on a listener of its own, and never who or what a request was about."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import pytest

from app.api.main import create_app
from app.core.security import new_token
from tests.api.support import SECRETS, Api, serving, tick
from tests.support.database import Database
from tests.support.exposition import Exposition, look
from tests.support.ports import free_port
from tests.support.program import Program
from tests.support.waiting import until

PAID = "/api/v1/checkin/{token}/paid"
METRICS = "rubis_http_requests_total"


class Watched:
    """A server whose metrics are shown."""

    def __init__(self, api: Api, port: int) -> None:
        self.api = api
        self.port = port

    def look(self) -> Exposition:
        """What it shows now."""
        return look(self.port)

    def requests(self, method: str, route: str, status: int) -> float:
        """How many requests it has counted so. A request is counted just after its answer was read."""
        return self.look().value(METRICS, method=method, route=route, status=str(status))

    def wait_for(self, method: str, route: str, status: int, count: int = 1) -> None:
        """Return once so many are counted."""
        until(
            lambda: self.requests(method, route, status) == count,
            lambda: "\n".join(line for line in self.look().text.splitlines() if METRICS in line),
        )


@pytest.fixture
def watched(database: Database) -> Iterator[Watched]:
    """A server over this test's own database."""
    port = free_port()
    with serving(database, api_metrics_port=port, limit_invalid_token="3/minute") as api:
        yield Watched(api, port)


def test_the_api_itself_shows_nothing(watched: Watched) -> None:
    """Who reaches the API, a proxy on this machine included, does not reach its metrics."""
    assert watched.api.client().get("/metrics").status_code == 404


def test_without_a_metrics_port_nothing_listens(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Metrics are off unless asked for."""
    monkeypatch.setattr("app.core.metrics.start_http_server", None)
    with serving(database) as api:
        assert api.client().get("/healthz").status_code == 200


def test_the_listener_is_on_loopback_and_takes_get_only(watched: Watched) -> None:
    """127.0.0.1 unless METRICS_HOST says otherwise; nothing else is done there than looking."""
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", watched.port), timeout=2)
    url = f"http://127.0.0.1:{watched.port}/metrics"
    assert [httpx.request(method, url).status_code for method in ("POST", "HEAD")] == [405, 405]


def test_a_port_in_use_stops_the_start(database: Database, tmp_path: Path) -> None:
    """An operator who asked for metrics and cannot have them hears of it at once."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        environment = database.environment(PORT=str(free_port()), API_METRICS_PORT=port)
        with Program("api", environment, tmp_path) as api:
            assert api.wait() not in (0, None)
            assert f"Port {port} of 127.0.0.1 cannot be used for /metrics" in api.log()
            assert "API_METRICS_PORT" in api.log()


def test_clicks_by_link_and_outcome(watched: Watched) -> None:
    """Each click is one, by what it led to; HEAD is none; over the limit is told apart."""
    api = watched.api
    ana = api.register()
    before = watched.look()
    assert before.value("rubis_checkin_clicks_total", answer="paid", outcome="paid") == 0
    assert {"answer": "paid", "outcome": "paid"} in [
        labels for labels, _ in before.samples["rubis_checkin_clicks_total"]
    ]
    token = ana.mailed_token(ana.invoice()["invoice_id"])
    clicks = [("HEAD", token), ("GET", token), ("GET", token), *[("GET", new_token())] * 3, ("GET", token)]
    for method, shown in clicks:
        api.client().request(method, f"/api/v1/checkin/{shown}/paid")
    api.client().get("/api/v1/checkin/not-a-token/pending")
    seen = watched.look().samples["rubis_checkin_clicks_total"]
    assert {tuple(labels.values()): count for labels, count in seen if count} == {
        ("paid", "paid"): 1,
        ("paid", "already_answered"): 1,
        ("paid", "invalid"): 3,
        ("paid", "limited"): 1,
        ("pending", "limited"): 1,
    }


def test_a_click_that_could_not_be_recorded(watched: Watched) -> None:
    """Somebody clicked, and has to click again: no outcome, but counted."""
    watched.api.database.admin.execute("alter function api.answer_checkin rename to answer_nothing")
    link = f"/api/v1/checkin/{new_token()}/pending"
    assert watched.api.client().get(link, headers={"Accept": "text/html"}).status_code == 503
    assert watched.look().value("rubis_checkin_clicks_total", answer="pending", outcome="not_recorded") == 1


def test_requests_by_route_template(watched: Watched) -> None:
    """Method, template and status; what has no route, whatever its path or method, is one series."""
    client = watched.api.client()
    for path in ("/nothing", f"/{new_token()}", "/api/v1/checkin/x/maybe", "/%2e%2e/etc", "/metrics"):
        client.get(path)
    for method in ("PROPFIND", "SUBSCRIBE"):
        client.request(method, "/teapot")
    client.request("HEAD", f"/api/v1/checkin/{new_token()}/paid")
    client.get("/api/v1/invoices/17")
    client.get("/api/v1/invoices/18")
    client.delete("/api/v1/me")
    client.options(
        "/api/v1/invoices/19", headers={"Origin": "http://a.example", "Access-Control-Request-Method": "GET"}
    )
    client.post("/api/v1/auth/login", content=b"x" * 1_000_001)
    watched.wait_for("POST", "unmatched", 413)
    seen = watched.look().samples[METRICS]
    assert {
        tuple(labels[name] for name in ("method", "route", "status")): count for labels, count in seen
    } == {
        ("GET", "unmatched", "404"): 5,
        ("other", "unmatched", "404"): 2,
        ("HEAD", PAID, "204"): 1,
        ("GET", "/api/v1/invoices/{invoice_id}", "401"): 2,
        ("DELETE", "/api/v1/me", "405"): 1,
        ("OPTIONS", "unmatched", "400"): 1,
        ("POST", "unmatched", "413"): 1,
    }


def test_durations_are_counted_by_route(watched: Watched) -> None:
    """A histogram per method and template, its count that of the requests."""
    for _ in range(3):
        watched.api.client().get("/healthz")
    watched.wait_for("GET", "/healthz", 200, 3)
    name = "rubis_http_request_duration_seconds"
    labels = {"method": "GET", "route": "/healthz"}
    seen = watched.look()
    assert seen.value(f"{name}_count", **labels) == seen.value(f"{name}_bucket", **labels, le="+Inf") == 3
    assert 0 < seen.value(f"{name}_sum", **labels) < 3


def test_a_caller_who_goes_away_is_no_failure_of_ours(watched: Watched) -> None:
    """Gone in the middle of a body: 499, whatever we would have answered."""
    head = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", int(watched.api.url.rpartition(":")[2]))) as caller:
        caller.sendall(head + b'Content-Length: 100\r\n\r\n{"email":')
    watched.wait_for("POST", "/api/v1/auth/login", 499)


def test_an_error_nobody_expected_is_counted(database: Database) -> None:
    """As the 500 it is answered with, by its template."""
    app = create_app(database.settings())
    token = new_token()
    SECRETS.add(token)

    @app.get("/boom/{secret}")
    def boom(secret: str) -> None:
        raise RuntimeError(secret)

    async def get() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as client:
            return (await client.get(f"/boom/{token}")).status_code

    assert anyio.run(get) == 500
    labels = {"method": "GET", "route": "/boom/{secret}", "status": "500"}
    assert app.state.metrics.registry.get_sample_value(METRICS, labels) == 1


def test_the_state_of_the_flow(watched: Watched) -> None:
    """What is due, in hand and held, the workers and their last tick, as the database has them."""
    database = watched.api.database
    database.clock.set("2026-03-02 09:00 UTC")
    ana = watched.api.register()
    database.admin.execute("update rubis.access_token set expires_at = '3000-01-01'")
    seen = watched.look()
    assert (seen.value("rubis_ready"), seen.value("rubis_database_up")) == (0, 1)
    assert seen.value("rubis_tick_age_seconds") == float("inf")
    ana.invoice(issued_on="2026-02-02", due_on="2026-03-01")
    database.admin.execute(
        "update rubis.relance set status = 'held', hold_reason = 'owner_not_asked', next_look_at = null"
    )
    database.clock.advance(minutes=3, seconds=30)
    seen = watched.look()
    assert seen.value("rubis_work_due", kind="checkin") == 1
    assert seen.value("rubis_work_overdue", kind="checkin") == 1
    assert seen.value("rubis_work_lag_seconds", kind="checkin") == 150
    assert seen.value("rubis_work_due", kind="relance") == 0
    assert seen.value("rubis_relances_held", reason="owner_not_asked") == 1
    tick(database, "secrethost:1")
    database.clock.advance(seconds=7)
    seen = watched.look()
    assert seen.value("rubis_work_due", kind="checkin") == 0
    assert seen.value("rubis_work_in_hand", kind="checkin") == 1
    assert seen.value("rubis_queue_jobs", queue="checkins", state="waiting") == 1
    assert seen.value("rubis_tick_age_seconds") == 7
    assert (seen.value("rubis_workers"), seen.value("rubis_ready")) == (1, 1)
    assert "secrethost" not in seen.text


def test_a_database_that_does_not_answer(watched: Watched) -> None:
    """The listener answers all the same, and says so; of the flow nothing is claimed."""
    watched.api.database.admin.execute("revoke usage on schema api from rubis_api")
    assert watched.api.client().get("/readyz").status_code == 503
    seen = watched.look()
    assert seen.samples["rubis_database_up"] == [({}, 0)]
    assert not [name for name in seen.samples if name.startswith(("rubis_work", "rubis_tick", "rubis_ready"))]
    assert seen.value("rubis_pool_max_size") == 5
    watched.wait_for("GET", "/readyz", 503)


def test_many_who_look_at_once_take_one_connection(watched: Watched) -> None:
    """So that they cannot keep callers from the database."""
    looks = [threading.Thread(target=watched.look) for _ in range(20)]
    for one in looks:
        one.start()
    for one in looks:
        one.join()
    seen = watched.look()
    assert seen.value("rubis_pool_requests_total") == 20  # the pool is read first, then asked
    assert seen.value("rubis_pool_requests_queued_total") <= 1  # the first, before there was a connection
    assert seen.value("rubis_pool_size") == 1


def test_the_pool_of_connections_is_measured(watched: Watched) -> None:
    """Its size, what is idle, who waits, and who got nothing."""
    watched.api.client().get("/readyz")
    seen = watched.look()
    assert seen.value("rubis_pool_max_size") == 5
    assert 0 <= seen.value("rubis_pool_available") <= seen.value("rubis_pool_size") <= 5
    assert seen.value("rubis_pool_requests_total") == 1
    assert (seen.value("rubis_pool_waiting"), seen.value("rubis_pool_timeouts_total")) == (0, 0)


def test_two_applications_count_apart(database: Database) -> None:
    """Each has a registry of its own."""
    one, other = (create_app(database.settings()).state.metrics for _ in range(2))
    one.clicks.labels("paid", "paid").inc()
    labels = {"answer": "paid", "outcome": "paid"}
    counts = [m.registry.get_sample_value("rubis_checkin_clicks_total", labels) for m in (one, other)]
    assert counts == [1, 0]


def test_no_metric_tells_who_or_what_a_request_was_about(watched: Watched) -> None:
    """After all kinds of requests: no token, address, id, name or path, in any label or help text."""
    api = watched.api
    for _ in range(3):
        api.register()
    for table in ("organization", "client", "invoice"):
        api.database.admin.execute(f"alter table rubis.{table} alter {table}_id restart 7731942")
    ana = api.register(full_name="Zéphirine Quatrebarbes", organization_name="Xylophonie")
    invoice = ana.invoice(number="QX-993-7", client={"name": "Wagram SARL", "email": "w@wagram.example"})
    token = ana.mailed_token(invoice["invoice_id"])
    ana.get(f"invoices/{invoice['invoice_id']}")
    ana.get("invoices", cursor=token, status=token)
    ana.client.get(f"/{ana.email}/{ana.token}?token={token}", headers={"User-Agent": token, "Referer": token})
    for method in ("GET", "HEAD", token[:20]):
        ana.client.request(method, f"/api/v1/checkin/{token}/paid")
    watched.wait_for("GET", PAID, 302)
    seen = watched.look()
    private = [ana.email, "atelier.example", "Quatrebarbes", "Xylophonie", "Wagram", "wagram", "QX-993"]
    private += [token, ana.token, ana.refresh_token, token[:20].upper(), "7731942", "127.0.0.1"]
    assert ana.organization_id == 7731942
    assert [text for text in private if text in seen.text] == []
    allowed = {"method", "route", "status", "answer", "outcome", "kind", "reason", "queue", "state", "le"}
    allowed |= {
        "process",
        "version",
        "python",
        "implementation",
        "generation",
        "major",
        "minor",
        "patchlevel",
    }
    assert {label for name in seen.samples for label in seen.labels(name)} <= allowed
    templates = {getattr(route, "path", None) for route in create_app(api.settings).routes} | {"unmatched"}
    documented = set(create_app(api.settings).openapi()["paths"]) | templates
    assert seen.values("route") <= documented
