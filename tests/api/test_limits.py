"""Rate limits, and whose address counts."""

import time

import httpx
import pytest
from starlette.requests import Request

from app.api.limits import Limits, client_address
from app.core.errors import ApiError
from app.core.security import new_token
from tests.api.support import PASSWORD, Api, problem, serving
from tests.support.database import Database

LOGIN = "/api/v1/auth/login"


def sign_in(api: Api, email: str, **headers: str) -> httpx.Response:
    """An attempt with the wrong password."""
    return api.client().post(LOGIN, json={"email": email, "password": "not the password"}, headers=headers)


def test_sign_in_is_limited_by_address(database: Database) -> None:
    """Whatever the e-mail, register included; Retry-After says how long."""
    with serving(database, limit_sign_in="3/minute") as api:
        for turn in range(3):
            problem(sign_in(api, f"a{turn}@atelier.example"), 401)
        answer = sign_in(api, "other@atelier.example")
        problem(answer, 429, "rate_limit__address")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        body = {"email": "x@y.example", "password": PASSWORD, "full_name": "X", "organization_name": "Y"}
        problem(api.client().post("/api/v1/auth/register", json=body), 429, "rate_limit__address")


def test_sign_in_is_limited_by_email(database: Database) -> None:
    """From any address, in any case; another e-mail is not held up."""
    with serving(database, limit_sign_in="3/minute", trusted_proxies=["127.0.0.1"]) as api:
        for turn in range(3):
            email = "ana@atelier.example" if turn % 2 else "ANA@atelier.example"
            problem(sign_in(api, email, **{"X-Forwarded-For": f"192.0.2.{turn}"}), 401)
        answer = sign_in(api, "ana@atelier.example", **{"X-Forwarded-For": "192.0.2.9"})
        problem(answer, 429, "rate_limit__email")
        problem(sign_in(api, "bea@atelier.example", **{"X-Forwarded-For": "192.0.2.9"}), 401)


def test_no_caller_chooses_its_address_without_a_trusted_proxy(database: Database) -> None:
    """X-Forwarded-For counts only from TRUSTED_PROXIES, which are none unless set."""
    with serving(database, limit_sign_in="2/minute") as api:
        statuses = [
            sign_in(api, f"a{turn}@b.example", **{"X-Forwarded-For": f"192.0.2.{turn}"}).status_code
            for turn in range(3)
        ]
    assert statuses == [401, 401, 429]


def test_the_address_is_the_last_one_that_a_trusted_proxy_saw(database: Database) -> None:
    """What a client writes into X-Forwarded-For itself, to the left of that, is not believed."""
    with serving(database, limit_sign_in="2/minute", trusted_proxies=["127.0.0.1", "10.0.0.0/8"]) as api:
        statuses = [
            sign_in(
                api, f"a{turn}@b.example", **{"X-Forwarded-For": f"198.51.100.{turn}, 192.0.2.1, 10.1.2.3"}
            )
            for turn in range(3)
        ]
    assert [answer.status_code for answer in statuses] == [401, 401, 429]


def test_invalid_tokens_are_limited_by_address_and_valid_ones_do_not_count(database: Database) -> None:
    """A person who clicks is never limited for it; a search for tokens is, on links and refresh alike."""
    with serving(database, limit_invalid_token="3/minute") as api:
        ana = api.register()
        token = ana.mailed_token(ana.invoice()["invoice_id"])
        client = api.client()
        for _ in range(5):
            assert client.get(f"/api/v1/checkin/{token}/pending").status_code == 302
        for forged in ("short", new_token(), new_token()):
            answer = client.get(f"/api/v1/checkin/{forged}/paid")
            assert answer.headers["location"].endswith("/checkin/invalid")
        answer = client.get(f"/api/v1/checkin/{new_token()}/paid")
        problem(answer, 429, "rate_limit__token")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        problem(client.post("/api/v1/auth/refresh"), 429, "rate_limit__token")
        assert ana.get("me").status_code == 200


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_one_household_is_one_address(host: str, key: str) -> None:
    """IPv6 counts by network, since one household has 2^64 of them."""
    assert client_address(_request(host)) == key


def test_the_memory_of_the_limits_is_swept() -> None:
    """Keys whose window has passed are forgotten; those still in it are not."""
    limits = Limits("1000000/second", "5/minute")
    limits.count_invalid_token(_request("192.0.2.1"))
    for turn in range(3000):
        limits.sign_in(_request("192.0.2.2"), f"a{turn}@b.example")
    assert len(limits._storage.events) > 3000
    time.sleep(1.1)
    for _ in range(3):
        limits.sign_in(_request("192.0.2.2"), "b@b.example")
        time.sleep(0.2)  # the storage's own thread empties what has passed
    for _ in range(1024):
        limits.sign_in(_request("192.0.2.2"), "b@b.example")
    assert len(limits._storage.events) < 10
    for _ in range(4):
        limits.count_invalid_token(_request("192.0.2.1"))
    with pytest.raises(ApiError):
        limits.check_tokens(_request("192.0.2.1"))


def _request(host: str) -> Request:
    return Request({"type": "http", "client": (host, 1), "headers": []})
