"""PostgreSQL is away and comes back: callers are told to wait, and every process finds it by itself."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.faults.conftest import Figures, Scale
from tests.faults.support.checks import assert_links_work, assert_rules, checkin_mails
from tests.faults.support.site import running_site
from tests.support.person import Person
from tests.support.stack import Stack
from tests.support.waiting import until


def test_the_database_away_for_half_a_minute(scale: Scale, figures: Figures) -> None:
    """The API answers 503 with Retry-After; it and the worker go on by themselves afterwards."""
    seconds = scale(30, 8)
    with running_site() as site:
        stack = Stack(site.database, site.peer, site.apis[0], site.workers[0], site.url)
        with Person(stack) as ana:
            _, mail = ana.asked()
            site.stop_postgres()
            answers: list[httpx.Response] = []
            gone_at = time.monotonic()
            while time.monotonic() - gone_at < seconds:
                # Each takes as long as the API waits for a connection.
                with ThreadPoolExecutor(3) as pool:
                    answers += pool.map(ana.browser.get, ("/readyz", "/api/v1/me", mail.links["paid"]))
                assert httpx.get(f"{site.url}/healthz").status_code == 200
                time.sleep(0.5)
            assert {answer.status_code for answer in answers} == {503}
            assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)

            site.restart_postgres()
            back_at = time.monotonic()
            stack.database = site.database
            until(lambda: ana.browser.get("/api/v1/me").status_code == 200, "the API has not come back")
            api_after = time.monotonic() - back_at
            assert ana.browser.get(mail.links["paid"]).headers["location"].endswith("/paid")
            ana.issue(number="AFTERWARDS")
            stack.a_minute_passes()
            until(lambda: len(checkin_mails(site)) == 2, site.workers[0].log, 30)
            assert site.apis[0].alive
            assert site.workers[0].alive
        assert_links_work(site)
        assert_rules(site.database)
        figures.tell(
            seconds_away=seconds, answers_of_503=len(answers), API_back_after=f"{api_after:.1f} s", restarts=0
        )
