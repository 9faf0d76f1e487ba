"""The database's clock is set back by hours, as when a machine had the wrong time."""

from datetime import timedelta

from tests.faults.conftest import Figures
from tests.faults.support.checks import asked, assert_links_work, assert_rubis, assert_rules
from tests.faults.support.site import running_site
from tests.faults.support.town import drain
from tests.support.letters import proven
from tests.support.person import Person
from tests.support.stack import Stack
from tests.support.waiting import until

_BACK = timedelta(hours=2)


def test_the_clock_set_back(figures: Figures) -> None:
    """Nothing is lost or mailed twice: what was due waits until it is due again, a dead worker's mail too."""
    with running_site() as site:
        stack = Stack(site.database, site.peer, site.apis[0], site.workers[0], site.url)
        with Person(stack) as ana, Person(stack) as ben:
            proven(ana.cast)
            _, before = ana.asked(number="ASKED")
            until(
                lambda: site.database.admin.value(
                    "select count(*) from rubis.checkin_task where status = 'sent'"
                ),
                "not recorded",
            )
            held = site.peer.hold("data", ana.email)
            ana.issue(number="IN HAND")
            stack.a_minute_passes()
            held.wait_until_reached()
            ana.issue(number="AHEAD")
            site.workers[0].kill()
            held.released.set()

            site.database.clock.advance(hours=-_BACK.total_seconds() / 3600)
            site.start_worker()
            site.wait_until_ready()
            ben.asked(number="AFTERWARDS")
            assert len(asked(site)) == 2
            assert ana.browser.get(before.links["paid"]).headers["location"].endswith("/paid")

            site.database.clock.advance(hours=_BACK.total_seconds() / 3600)
            drain(site, "checkin_task")
            numbers = sorted(question.number for question in asked(site))
            assert numbers == ["AFTERWARDS", "AHEAD", "ASKED", "IN HAND"]
            assert ana.rubis() == 1
        assert_links_work(site)
        assert_rubis(site.database)
        assert_rules(site.database)
        figures.tell(hours_back=2, check_ins=4, questions=4)
