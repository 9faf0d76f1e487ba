"""Refresh tokens: rotated at each use, revoked with their session when one is used twice."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from app.core.devices import device
from app.core.security import new_token, token_hash
from tests.api.support import COOKIE, PASSWORD, Account, Api, problem, serving
from tests.support.database import Database

REFRESH = "/api/v1/auth/refresh"


def refresh(api: Api, token: str) -> httpx.Response:
    """Refresh with this cookie and no other."""
    return api.client().post(REFRESH, headers={"Cookie": f"{COOKIE}={token}"})


def live_refresh_tokens(account: Account) -> int:
    """Refresh tokens of the account that still open something."""
    count: int = account.api.database.admin.value(
        "select count(*) from rubis.refresh_token where organization_id = %s and used_at is null"
        " and revoked_at is null and expires_at > rubis.clock()",
        [account.organization_id],
    )
    return count


def test_a_refresh_gives_a_new_pair(ana: Account) -> None:
    """Both tokens are new, the cookie is replaced, the access token before it lives on until it expires."""
    before, access = ana.refresh_token, ana.token
    answer = ana.client.post(REFRESH)
    assert answer.status_code == 200
    assert answer.json()["user"] == ana.session["user"]
    ana.use(answer.json())
    assert ana.refresh_token != before
    assert ana.token != access
    assert ana.get("me").status_code == 200
    assert live_refresh_tokens(ana) == 1
    assert ana.client.get("/api/v1/me", headers={"Authorization": f"Bearer {access}"}).status_code == 200


def grow_older(account: Account, seconds: int = 31) -> None:
    """So much time passes since the account's refresh tokens were used."""
    account.api.database.admin.execute(
        "update rubis.refresh_token set used_at = used_at - %s * interval '1 second'"
        " where organization_id = %s",
        [seconds, account.organization_id],
    )


def test_a_refresh_token_used_twice_ends_its_session(ana: Account) -> None:
    """The thief and the owner are both out, and the revocation is committed though the answer is a 401."""
    stolen = ana.refresh_token
    ana.use(ana.client.post(REFRESH).json())
    grow_older(ana)
    problem(refresh(ana.api, stolen), 401, "refresh_token__reused")
    assert live_refresh_tokens(ana) == 0
    problem(ana.client.post(REFRESH), 401, "refresh_token__expired")
    problem(ana.get("me"), 401, "access_token__unknown")


def test_another_session_of_the_user_is_left_alone(ana: Account) -> None:
    """Reuse revokes the family of the token, no other."""
    client = ana.api.client()
    login = client.post("/api/v1/auth/login", json={"email": ana.email, "password": PASSWORD})
    other = Account(ana.api, client, ana.email, login.json())
    stolen = ana.refresh_token
    ana.use(ana.client.post(REFRESH).json())
    grow_older(ana)
    refresh(ana.api, stolen)
    assert other.get("me").status_code == 200
    assert other.client.post(REFRESH).status_code == 200


def test_tabs_that_refresh_at_once_do_not_end_each_other(api: Api) -> None:
    """Within 30 s a token gives another pair, each of which goes on; later it is reuse, and ends them all."""
    ana = api.register()
    token, ready = ana.refresh_token, threading.Barrier(4)

    def use() -> httpx.Response:
        ready.wait()
        return refresh(api, token)

    with ThreadPoolExecutor(4) as pool:
        answers = [run.result() for run in [pool.submit(use) for _ in range(4)]]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert live_refresh_tokens(ana) == 4
    assert len({answer.json()["access_token"] for answer in answers}) == 4
    assert refresh(api, answers[0].cookies[COOKIE]).status_code == 200
    assert [one["current"] for one in ana.get("me/sessions").json()["items"]] == [True]
    grow_older(ana, 29)
    assert refresh(api, token).status_code == 200
    grow_older(ana, 1)
    problem(refresh(api, token), 401, "refresh_token__reused")
    assert live_refresh_tokens(ana) == 0


def test_reuse_during_a_refresh_revokes_what_that_refresh_opens(ana: Account) -> None:
    """A revocation waits for a refresh of the same session under way, and sees its new tokens."""
    stolen = ana.refresh_token
    ana.use(ana.client.post(REFRESH).json())
    grow_older(ana)
    current = ana.refresh_token
    slow = ana.api.database.session("rubis_api", autocommit=False)
    done = slow.call(
        "api.refresh_session",
        p_refresh_token_hash=token_hash(current),
        p_access_token_hash=token_hash(new_token()),
        p_access_expires_in="30 minutes",
        p_next_refresh_token_hash=token_hash(new_token()),
        p_refresh_expires_in="30 days",
    )
    assert done["outcome"] == "refreshed"
    with ThreadPoolExecutor(1) as pool:
        reuse = pool.submit(refresh, ana.api, stolen)
        with pytest.raises(TimeoutError):
            reuse.result(timeout=0.5)
        slow.connection.commit()
        problem(reuse.result(), 401, "refresh_token__reused")
    assert live_refresh_tokens(ana) == 0


@pytest.mark.parametrize("token", [None, "", "short", "A" * 43, "x" * 5000])
def test_an_unknown_refresh_token_is_401(api: Api, token: str | None) -> None:
    """A refresh token that is missing, malformed or never issued is 401."""
    client = api.client()
    answer = client.post(REFRESH, headers={} if token is None else {"Cookie": f"{COOKIE}={token}"})
    assert problem(answer, 401)["reason"] in ("refresh_token__missing", "refresh_token__unknown")


def test_signing_out_ends_the_session(ana: Account) -> None:
    """Access and refresh token open nothing any more; the cookie is gone; a second time does no harm."""
    token = ana.refresh_token
    answer = ana.client.post("/api/v1/auth/logout")
    assert answer.status_code == 204
    assert answer.content == b""
    assert COOKIE not in ana.client.cookies
    problem(ana.get("me"), 401)
    problem(refresh(ana.api, token), 401, "refresh_token__expired")
    assert ana.client.post("/api/v1/auth/logout").status_code == 204


def test_tokens_expire(own_api: Api) -> None:
    """Access tokens after 30 minutes, refresh tokens after 30 days, each from its own issue."""
    clock = own_api.database.clock
    clock.set("2026-11-02 09:00 UTC")
    ana = own_api.register()
    clock.advance(minutes=29, seconds=59)
    assert ana.get("me").status_code == 200
    clock.advance(seconds=1)
    problem(ana.get("me"), 401, "access_token__unknown")
    clock.set("2026-12-02 08:59:59 UTC")
    answer = ana.client.post(REFRESH)
    assert answer.status_code == 200
    ana.use(answer.json())
    clock.set("2027-01-01 08:59:59 UTC")
    problem(ana.client.post(REFRESH), 401, "refresh_token__expired")


def test_expired_tokens_are_pruned_and_no_others(own_api: Api) -> None:
    """A used refresh token stays until it expires, so that its reuse is still seen."""
    clock, database = own_api.database.clock, own_api.database
    clock.set("2026-11-02 09:00 UTC")
    ana = own_api.register()
    stolen = ana.refresh_token
    ana.use(ana.client.post(REFRESH).json())
    prune = "select worker.prune_tokens(10)"
    worker = database.worker()
    assert worker.value(prune) == {"access_tokens": 0, "refresh_tokens": 0}
    clock.advance(hours=1)
    assert worker.value(prune) == {"access_tokens": 2, "refresh_tokens": 0}
    problem(refresh(own_api, stolen), 401, "refresh_token__reused")
    clock.advance(days=30)
    assert worker.value(prune) == {"access_tokens": 0, "refresh_tokens": 2}
    problem(refresh(own_api, stolen), 401, "refresh_token__unknown")


def test_the_cookie_follows_its_settings(database: Database) -> None:
    """COOKIE_SECURE and COOKIE_DOMAIN are on the cookie."""
    url = "https://api.rubis.example"
    with serving(database, app_url=url, cookie_secure=True, cookie_domain="rubis.example") as api:
        answer = api.client().post("/api/v1/auth/logout")
    cookie = answer.headers["set-cookie"].lower()
    assert "secure" in cookie
    assert "domain=rubis.example" in cookie


def test_one_sees_and_ends_ones_sessions(ana: Account) -> None:
    """By device and address, last used first; one, or all others, and none of another person's."""

    def login(agent: str) -> Account:
        client = ana.api.client(headers={"User-Agent": agent})
        answer = client.post("/api/v1/auth/login", json={"email": ana.email, "password": PASSWORD})
        return Account(ana.api, client, ana.email, answer.json())

    firefox, curl = login("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0"), login("curl/8.5.0")
    items = ana.get("me/sessions").json()["items"]
    assert [one["device"] for one in items] == ["curl", "Firefox, Linux", "python-httpx"]
    assert [one["current"] for one in items] == [False, False, True]
    assert {(one["kind"], one["address"]) for one in items} == {("api", "127.0.0.1")}
    firefox.use(firefox.client.post(REFRESH).json())
    again = ana.get("me/sessions").json()["items"]
    assert [one["session_id"] for one in again] == [
        items[1]["session_id"],
        *(items[n]["session_id"] for n in (0, 2)),
    ]
    assert again[0]["created_at"] == items[1]["created_at"] < again[0]["seen_at"]
    bea = ana.api.register()
    for account in (bea, ana):
        path = f"me/sessions/{items[0]['session_id']}"
        assert account.delete(path).status_code == (404 if account is bea else 204)
    problem(ana.delete(path), 404, "session__missing", "session_id")
    assert [curl.get("me").status_code, firefox.get("me").status_code] == [401, 200]
    assert ana.delete("me/sessions").json() == {"ended": 1}
    assert [firefox.get("me").status_code, ana.get("me").status_code, bea.get("me").status_code] == [
        401,
        200,
        200,
    ]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/142.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Firefox/145.0", "Firefox, macOS"),
        ("Mozilla/5.0", None),
        ("", None),
        ("<script>alert(1)</script>", None),
        ("PostmanRuntime/7.4", "PostmanRuntime"),
    ],
)
def test_a_device_is_named_in_words(agent: str, words: str | None) -> None:
    """Browser and system, a program's name, or nothing; never the text itself."""
    assert device(agent) == words
