"""Rate limits, and whose address counts."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from app.core.callers import client_address
from app.core.limits import SLOWED_SECONDS, Limits
from app.core.security import new_token
from tests.api.support import PASSWORD, Api, problem, serving
from tests.support.database import Database
from tests.support.ports import free_port, wait_for_port
from tests.support.program import Program

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


def test_guesses_from_elsewhere_lock_nobody_out(database: Database) -> None:
    """By the pair of address and e-mail, in any case of letters: neither is held up beside the other."""
    with serving(database, limit_sign_in_pair="3/minute", trusted_proxies=["127.0.0.1"]) as api:
        here, there = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
        for turn in range(3):
            problem(sign_in(api, "ana@b.example" if turn % 2 else "ANA@b.example", **here), 401)
        problem(sign_in(api, "ana@b.example", **here), 429, "rate_limit__pair")
        problem(sign_in(api, "ana@b.example", **there), 401)
        problem(sign_in(api, "bea@b.example", **here), 401)


def test_an_email_that_many_guess_at_is_slowed_and_never_refused(database: Database) -> None:
    """From whatever address, also by another process; the right password opens, a little later."""
    limits: Any = {"limit_sign_in_email": "2/hour", "trusted_proxies": ["127.0.0.1"]}
    with serving(database, **limits) as first, serving(database, **limits) as second:
        ana = first.register()  # the first attempt
        took = []
        for turn, api in enumerate((first, second, first)):
            began = time.monotonic()
            body = {"email": ana.email, "password": PASSWORD if turn == 2 else "not the password"}
            headers = {"X-Forwarded-For": f"192.0.2.{turn}"}
            status = api.client().post(LOGIN, json=body, headers=headers).status_code
            assert status == (200 if turn == 2 else 401)
            took.append(time.monotonic() - began >= SLOWED_SECONDS)
        assert took == [False, True, True]
        problem(sign_in(second, "bea@b.example"), 401)


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


def test_the_limits_are_shared_by_all_processes(database: Database, tmp_path: Path) -> None:
    """Two API processes together let six attempts at a password through, of 24 made at once."""
    ports = [free_port(), free_port()]
    with ExitStack() as running:
        for number, port in enumerate(ports):
            environment = database.environment(PORT=str(port), LIMIT_SIGN_IN="6/hour")
            (tmp_path / str(number)).mkdir()
            running.enter_context(Program("api", environment, tmp_path / str(number)))
        for port in ports:
            wait_for_port(port)

        def attempt(turn: int) -> int:
            body = {"email": f"a{turn}@atelier.example", "password": "not the password"}
            url = f"http://127.0.0.1:{ports[turn % 2]}{LOGIN}"
            return httpx.post(url, json=body, timeout=30).status_code

        with ThreadPoolExecutor(8) as pool:
            assert Counter(pool.map(attempt, range(24))) == {401: 6, 429: 18}


def test_a_search_for_tokens_is_limited_over_all_processes(database: Database) -> None:
    """A process that learns of a reached limit looks one token up, refuses it, and no further one."""
    with (
        serving(database, limit_invalid_token="3/hour") as first,
        serving(database, limit_invalid_token="3/hour") as second,
    ):
        statuses = [
            api.client().get(f"/api/v1/checkin/{new_token()}/paid").status_code
            for api in (first, second, first, second, first, second)
        ]
        assert statuses == [302, 302, 302, 429, 429, 429]
        problem(second.client().post("/api/v1/auth/refresh"), 429, "rate_limit__token")


def test_an_attempt_is_let_through_again_when_its_time_has_come(database: Database) -> None:
    """After a third of the period one of three attempts is free again; after all of it, all three."""
    database.clock.set("2026-03-02 10:00+00")
    keys = [b"a" * 32, b"e" * 32]

    def attempts(count: int) -> list[int | None]:
        return [
            database.api().call(
                "api.count_attempt",
                p_keys=keys,
                p_rates=[3, 3],
                p_periods=[timedelta(minutes=1)] * 2,
                p_email="e@b.example",
            )["over"]
            for _ in range(count)
        ]

    assert attempts(3) == [None] * 3
    database.clock.advance(seconds=20)
    assert attempts(2) == [None, 1]
    database.clock.advance(minutes=2)
    assert attempts(4) == [None, None, None, 1]


def test_many_attempts_over_the_limit_are_forgotten_after_a_period(database: Database) -> None:
    """No number of attempts, by whatever process, puts the next one off by more than one period."""
    database.clock.set("2026-03-02 10:00+00")
    call = {"p_keys": [b"a" * 32], "p_rates": [3], "p_periods": [timedelta(minutes=1)]}
    for _ in range(50):
        counted = database.api().call("api.count_attempt", **call)
    assert counted["over"] == 1
    assert counted["next_in"] == [timedelta(minutes=1, seconds=20)]
    database.clock.advance(seconds=80)
    assert database.api().call("api.count_attempt", **call)["over"] is None


@pytest.mark.parametrize("rate", [1, 3, 7, 11, 13])
def test_a_full_rate_of_attempts_is_not_over_it(database: Database, rate: int) -> None:
    """The steps of a period that cannot be divided are rounded so that they fit."""
    database.clock.set("2026-03-02 10:00+00")
    call = {"p_keys": [b"a" * 32], "p_rates": [rate], "p_periods": [timedelta(minutes=1)]}
    over = [database.api().call("api.count_attempt", **call)["over"] for _ in range(rate + 1)]
    assert over == [None] * rate + [1]


def test_an_address_over_its_limit_uses_up_no_attempt_of_an_email(database: Database) -> None:
    """Otherwise one caller could keep all users from signing in."""
    with serving(database, limit_sign_in="2/hour") as api:
        for turn in range(2):
            problem(sign_in(api, f"a{turn}@b.example"), 401)
        problem(sign_in(api, "victim@b.example"), 429, "rate_limit__address")
    assert database.admin.value("select count(*) from rubis.rate_limit") == 5


def test_the_database_sees_neither_address_nor_email(database: Database) -> None:
    """A row holds a hash and a moment."""
    with serving(database) as api:
        problem(sign_in(api, "victim@b.example"), 401)
    rows = database.admin.rows("select to_jsonb(l)::text as row from rubis.rate_limit as l")
    assert len(rows) == 3
    assert not [row for row in rows if "victim" in row["row"] or "127.0.0.1" in row["row"]]


def test_without_its_database_no_password_is_tried(database: Database) -> None:
    """The answer is 503, as for every request that needs the database: the limits do not open."""
    with serving(database) as api:
        database.admin.execute("alter function api.count_attempt rename to count_no_attempt")
        problem(sign_in(api, "ana@b.example"), 503)
        problem(api.client().get(f"/api/v1/checkin/{new_token()}/paid"), 503)


def test_rows_of_the_limits_are_pruned_in_pieces(database: Database) -> None:
    """What is over goes first, then what would be over first, until few enough rows are left."""
    database.clock.set("2026-03-02 10:00+00")
    database.admin.execute(
        "insert into rubis.rate_limit (key, free_at)"
        " select sha256(n::text::bytea), rubis.clock() + (n - 5) * interval '1 second'"
        " from generate_series(1, 20) as n"
    )

    def prune(**given: int) -> int:
        deleted: int = database.worker().call("worker.prune_rate_limits", **given)
        return deleted

    assert [prune(p_limit=3, p_kept=100) for _ in range(3)] == [3, 2, 0]
    assert prune(p_limit=100, p_kept=10) == 5
    earliest = "select extract(epoch from min(free_at) - rubis.clock())::int from rubis.rate_limit"
    assert database.admin.value(earliest) == 6


def test_a_process_remembers_a_bounded_number_of_refusals() -> None:
    """What it forgets, the database still knows."""
    limits = Limits(None, *["1/minute"] * 4)  # type: ignore[arg-type]  # it is not asked
    for turn in range(12_000):
        limits._remember(turn.to_bytes(32), 60)
    assert len(limits._refused_until) == 10_000
    assert (11_999).to_bytes(32) in limits._refused_until


def _request(host: str) -> Request:
    return Request({"type": "http", "client": (host, 1), "headers": []})
