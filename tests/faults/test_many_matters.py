"""A worker is killed with a mail of many matters in hand: when it has begun, at DATA, before the 250.

Only where the server has the whole mail can it not be known whether it left.
"""

from collections import Counter

from tests.faults.conftest import Figures
from tests.faults.support.checks import (
    asked,
    assert_links_work,
    assert_mailed,
    assert_relanced,
    assert_rules,
    letters,
)
from tests.faults.support.site import Site, running_site
from tests.faults.support.town import QUESTIONS_PER_MAIL, Town, drain
from tests.support.smtp import Point
from tests.support.waiting import until

_POINTS: dict[Point, str] = {"greeting": "when it has begun", "data": "at DATA", "accepted": "before the 250"}
_QUESTIONS = 3 * QUESTIONS_PER_MAIL - 5
_CLIENTS, _EACH = 3, 4
_APART = 7200
"""Seconds between what falls due in two organizations: each is lost by itself."""


def lose_the_worker(site: Site, point: Point, recipient: str, sent: int) -> None:
    """Kill it while the peer holds a session at this point and so many mails are on record; start another."""
    held = site.peer.hold(point, None if point == "greeting" else recipient)
    site.workers[0].resume()
    held.wait_until_reached()
    until(lambda: on_record(site) >= sent, lambda: f"{on_record(site)} of {sent} mails recorded")
    site.workers[0].kill()
    site.kills["worker"] = site.kills.get("worker", 0) + 1
    held.released.set()
    site.workers = []
    site.start_worker()
    site.wait_until_ready()


def on_record(site: Site) -> int:
    """How many mails were sent."""
    return int(site.database.admin.value("select count(*) from rubis.mail where status = 'sent'"))


def test_killed_with_many_questions_in_hand(figures: Figures) -> None:
    """All questions of a mail are asked again together; twice only if the server had the whole mail."""
    with running_site() as site:
        town = Town(site, len(_POINTS), _QUESTIONS, seconds=len(_POINTS) * _APART)
        told = {}
        for number, (point, when) in enumerate(_POINTS.items()):
            site.workers[0].suspend()
            town.let_them_fall_due("checkin_task")
            site.database.clock.advance(seconds=4)
            lose_the_worker(site, point, town.emails[number], on_record(site))
            drain(site, "checkin_task")
            times = Counter(question.number for question in asked(site, town.emails[number]))
            assert len(times) == _QUESTIONS
            twice = [question for question, count in times.items() if count == 2]
            assert len(twice) == (QUESTIONS_PER_MAIL if point == "accepted" else 0), (point, times)
            assert assert_mailed(site, (number + 1) * _QUESTIONS)["questions asked twice"] == len(twice)
            told[f"asked_twice_if_killed_{when}"] = len(twice)
        links = assert_links_work(site)
        assert_rules(site.database)
        figures.tell(questions=town.count, a_mail=QUESTIONS_PER_MAIL, **told, links=links)


def test_killed_with_a_letter_of_many_invoices_in_hand(figures: Figures) -> None:
    """No letter leaves twice for any of its invoices: all are `unconfirmed` if the server had the letter.

    The other clients have their letters.
    """
    with running_site() as site:
        town = Town(site, len(_POINTS), _CLIENTS * _EACH, seconds=len(_POINTS) * _APART, per_client=_EACH)
        site.workers[0].suspend()
        town.answer_all_pending()
        told = {}
        for number, (point, when) in enumerate(_POINTS.items()):
            site.workers[0].suspend()
            town.let_them_fall_due("relance")
            site.database.clock.advance(seconds=4)
            client = f"c1@o{town.organization_ids[number]}.clients.test"
            lose_the_worker(site, point, client, on_record(site) + _CLIENTS - 1)
            drain(site, "relance")
            figure = assert_relanced(site, (number + 1) * _CLIENTS * _EACH)
            assert figure["unconfirmed"] == (_EACH if point == "accepted" else 0), (point, figure)
            assert figure["of these delivered"] == figure["unconfirmed"]
            assert len(letters(site)) == (number + 1) * _CLIENTS
            told[f"unconfirmed_if_killed_{when}"] = figure["unconfirmed"]
        assert_rules(site.database)
        figures.tell(relances=town.count, a_letter=_EACH, **told)
