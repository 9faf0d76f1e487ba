"""What holds for every answer: headers, request ids, CORS, size limits, unknown addresses."""

import re
from typing import Any

import pytest

from app.core.bodies import MAX_BODY_BYTES
from app.core.settings import Settings
from tests.api.support import Account, Api, problem, serving
from tests.support.database import Database


def test_every_answer_may_not_be_stored_or_sniffed(ana: Account) -> None:
    """Every answer, also a problem, forbids storing and sniffing."""
    for answer in (ana.get("me"), ana.get("invoices/1000000"), ana.client.get("/nothing")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("7d7f7d3c-5a4e-4a7b-9f53-2f6a1d1c9b11", True),
        ("trace_01.abc", True),
        ("short", False),
        ("x" * 65, False),
        ("with space", False),
        ('"},{"injected"', False),
        ("tYxR0fH4bq2Yv8C1mZkQ3n5w7u9s0aBcDeFgHiJkLmN", False),
    ],
)
def test_a_sane_request_id_is_kept(api: Api, given: str, *, kept: bool) -> None:
    """Anything else, a token for one, is replaced; the answer always has one."""
    returned = api.client().get("/healthz", headers={"X-Request-ID": given}).headers["x-request-id"]
    assert (returned == given) is kept
    assert re.fullmatch(r"[A-Za-z0-9._-]{8,64}", returned)


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/", "/api/v2/me", "/api/v1/invoices/", "/api/v1/checkin/x/maybe"]
)
def test_an_unknown_address_is_a_problem(ana: Account, path: str) -> None:
    """404 that does not repeat the path, which may hold a token."""
    body = problem(ana.client.get(path), 404, "route__missing")
    assert path not in body["detail"] or path == "/"


def test_an_unknown_method_is_a_problem(ana: Account) -> None:
    """An unknown method is 405 and names the methods that there are."""
    answer = ana.client.delete("/api/v1/me")
    problem(answer, 405, "route__method")
    assert answer.headers["allow"] == "GET, PATCH"
    for path, methods in (
        ("clients", "GET, POST"),
        ("clients/1", "GET, PATCH"),
        ("relance-plan", "GET, PUT"),
    ):
        answer = ana.client.delete(f"/api/v1/{path}")
        problem(answer, 405, "route__method")
        assert answer.headers["allow"] == methods


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"{", 400, "request__malformed"),
        (b'{"name": "\xff"}', 400, "request__malformed"),
        (b"", 422, "request__invalid"),
        (b"[]", 422, "request__invalid"),
        (b'"text"', 422, "request__invalid"),
        (b"null", 422, "request__invalid"),
        (b'{"name": "\\ud800"}', 422, "request__invalid"),
        (b'{"name": NaN}', 422, "request__invalid"),
        (b'{"name": "x", "email": null, "__proto__": {}}', 422, "request__invalid"),
        (b"[" * 200000, 400, "request__malformed"),
    ],
)
def test_a_body_that_is_not_what_it_should_be_is_a_problem(
    ana: Account, content: bytes, status: int, reason: str
) -> None:
    """A body of the wrong form is a problem and never a 500."""
    headers = {"Content-Type": "application/json"}
    problem(ana.client.post("/api/v1/clients", content=content, headers=headers), status, reason)


def test_a_body_must_be_declared_as_json(ana: Account) -> None:
    """A form that another site sends by a visitor's browser is not read."""
    for headers in (
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ):
        answer = ana.client.post("/api/v1/clients", content=b'{"name": "X"}', headers=headers)
        problem(answer, 422, "request__invalid")


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_too_large_is_refused(ana: Account, *, declared: bool) -> None:
    """413, whether or not Content-Length says so beforehand."""
    body = b'{"name": "' + b"x" * MAX_BODY_BYTES + b'"}'
    content: Any = body if declared else iter([body[:500_000], body[500_000:]])
    answer = ana.client.post("/api/v1/clients", content=content, headers={"Content-Type": "application/json"})
    problem(answer, 413, "request__too_large")


def test_only_origins_of_the_settings_may_read(database: Database) -> None:
    """With credentials, never `*`; a problem too may be read, so that the web app can show it."""
    with serving(database, cors_origin=["https://app.rubis.example"]) as api:
        ours, other = {"Origin": "https://app.rubis.example"}, {"Origin": "https://evil.example"}
        client = api.client()
        answer = client.get("/api/v1/me", headers=ours)
        assert answer.status_code == 401
        assert answer.headers["access-control-allow-origin"] == "https://app.rubis.example"
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert "access-control-allow-origin" not in client.get("/api/v1/me", headers=other).headers
        for method, path in (("PATCH", "invoices/1"), ("PUT", "relance-plan"), ("DELETE", "relance-plans/1")):
            asked = {
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "authorization",
            }
            answer = client.options(f"/api/v1/{path}", headers=ours | asked)
            assert answer.status_code == 200
            assert method in answer.headers["access-control-allow-methods"]
            assert client.options(f"/api/v1/{path}", headers=other | asked).status_code == 400


def test_any_origin_with_cookies_is_refused_at_the_start() -> None:
    """CORS_ORIGIN=* would let any site act for a visitor."""
    with pytest.raises(ValueError, match="cors_origin"):
        Settings(_env_file=None, cors_origin=["*"])


def test_health_asks_no_database(api: Api) -> None:
    """The health check answers without a database."""
    assert api.client().get("/healthz").json() == {"status": "ok"}


def test_readiness_names_what_is_wrong(own_api: Api) -> None:
    """Without a worker the API is degraded but serves: 200. With one it is ready."""
    answer = own_api.client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["reasons"] == ["worker"]
    own_api.database.admin.execute("insert into rubis.worker_heartbeat (worker) values ('test:1')")
    assert own_api.client().get("/readyz").json()["status"] == "ready"
