"""Two APIs and three workers at once: the work is shared, and no piece of it done twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.faults.conftest import Figures, Scale
from tests.faults.support.checks import (
    asked,
    assert_links_work,
    assert_mailed,
    assert_relanced,
    assert_rubis,
    assert_rules,
)
from tests.faults.support.site import running_site
from tests.faults.support.town import Town, advance_to, drain


def test_two_apis_and_three_workers(scale: Scale, figures: Figures) -> None:
    """Each question and each relance leaves once, each worker has its share, and a click counts once."""
    with running_site(apis=2, workers=3) as site:
        # Second by second, so that each mail is a job of its own.
        town = Town(site, scale(60, 30), 10, seconds=scale(60, 30))
        site.peer.latency = 0.2  # so that a job done twice would be seen to be under way
        town.let_them_fall_due("checkin_task")
        drain(site, "checkin_task")
        told = assert_mailed(site, town.count)
        assert told["questions asked twice"] == 0
        assert_links_work(site)
        shares = [len(worker.events("mail_sent")) for worker in site.workers]
        assert sum(shares) >= told["mails"]
        assert min(shares) >= told["mails"] / 10, shares

        links = [
            question.links["pending" if number % 2 else "paid"] for number, question in enumerate(asked(site))
        ]

        def click(number: int) -> tuple[int, str]:
            url = links[number // 4]
            if number % 2:
                url = url.replace(f":{site.ports[0]}/", f":{site.ports[1]}/")
            return number // 4, browser.get(url).headers["location"].rsplit("/", 1)[1]

        with ThreadPoolExecutor(8) as pool, httpx.Client(timeout=30) as browser:
            outcomes = Counter(pool.map(click, range(4 * town.count)))
        assert {count for (_, outcome), count in outcomes.items() if outcome != "already_answered"} == {1}
        assert {count for (_, outcome), count in outcomes.items() if outcome == "already_answered"} == {3}
        assert all(api.events("request") for api in site.apis)
        assert assert_rubis(site.database) == town.count // 2

        advance_to(
            site.database,
            site.database.admin.value(
                "select min(next_look_at) from rubis.relance where status = 'scheduled'"
            ),
        )
        drain(site, "relance")
        letters = assert_relanced(site, town.count // 2)
        assert (letters["letters"], letters["unconfirmed"]) == (town.count // 2, 0)
        assert_rules(site.database)
        figures.tell(
            check_ins=town.count, mails_by_worker=shares, clicks=4 * town.count, letters=letters["letters"]
        )
