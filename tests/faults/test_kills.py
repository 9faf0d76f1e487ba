"""Every part is killed again and again in the middle of its work; nothing is lost or doubled unseen."""

import random
import time

from tests.faults.conftest import Figures, Scale
from tests.faults.support.checks import (
    assert_clicks_stay,
    assert_links_work,
    assert_mailed,
    assert_relanced,
    assert_rubis,
    assert_rules,
)
from tests.faults.support.clicks import Clickers
from tests.faults.support.site import Site, Target, running_site
from tests.faults.support.town import Town, drain

_TARGETS: tuple[Target, ...] = ("worker", "api", "postmaster", "worker", "backend")


def kill_at_random(site: Site, rng: random.Random, kills: int) -> None:
    """Kill each part its share of times, in any order, some seconds apart: also what is not up again yet."""
    targets = [_TARGETS[number % len(_TARGETS)] for number in range(kills)]
    rng.shuffle(targets)
    for target in targets:
        time.sleep(rng.uniform(0.3, 2.5))
        site.kill(target, rng)
    site.wait_until_ready()


def test_everything_killed_while_check_ins_fall_due(
    scale: Scale, rng: random.Random, figures: Figures
) -> None:
    """Every check-in is mailed, twice only if its mail's fate was unknown; every acknowledged click stays.

    Each mail asks ten questions.
    """
    kills = scale(35, 10)
    with running_site(workers=2) as site:
        site.peer.latency = 0.4
        town = Town(site, scale(20, 5), scale(100, 50), seconds=kills * 2.5)
        town.let_them_fall_due("checkin_task")
        with Clickers(site, rng, share=0.6) as clickers:
            kill_at_random(site, rng, kills)
            drain(site, "checkin_task")
        told = assert_mailed(site, town.count)
        links = assert_links_work(site)
        assert_clicks_stay(site, clickers)
        during = len(clickers.acknowledged)
        clickers.click_the_rest()
        assert_clicks_stay(site, clickers)
        assert 2 * len(clickers.acknowledged) == links
        rubis = assert_rubis(site.database)
        assert_rules(site.database)
        figures.tell(
            check_ins=town.count,
            kills=dict(sorted(site.kills.items())),
            **told,
            links=links,
            clicks_during_the_kills=during,
            clicks_without_an_answer=clickers.lost + clickers.statuses.get(503, 0),
            rubis=rubis,
        )


def test_everything_killed_while_relances_leave(scale: Scale, rng: random.Random, figures: Figures) -> None:
    """No letter reaches a client twice, for any of its four invoices.

    Of those whose fate is unknown the relances are unconfirmed.
    """
    kills = scale(20, 6)
    with running_site(workers=2) as site:
        town = Town(site, scale(20, 5), scale(100, 80), seconds=kills * 2.5, per_client=4)
        for number in range(len(site.workers)):
            site.workers[number].suspend()
        town.answer_all_pending()
        for worker in site.workers:
            worker.resume()
        site.peer.latency = 0.4
        town.let_them_fall_due("relance")
        kill_at_random(site, rng, kills)
        drain(site, "relance")
        told = assert_relanced(site, town.count)
        assert_rules(site.database)
        figures.tell(
            relances=town.count, clients=town.clients, kills=dict(sorted(site.kills.items())), **told
        )
