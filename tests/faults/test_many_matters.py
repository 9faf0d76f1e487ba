"""A worker is killed with a mail of many matters in hand: when it has begun, at DATA, before the 250.

From DATA on it cannot be known whether the mail left; only in the last case it did.
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

_POINTS: dict[Point, str] = {"rcpt": "when it has begun", "data": "at DATA", "accepted": "before the 250"}
_QUESTIONS = 3 * QUESTIONS_PER_MAIL - 5
_CLIENTS, _EACH = 3, 4
_APART = 7200
"""Seconds between what falls due in two organizations: each is lost by itself."""


def lose_the_worker(site: Site, point: Point, recipient: str, letters: int = 0) -> None:
    """Kill it while the peer holds this recipient's session at this point; start another.

    So many letters are on record before.
    """
    held = site.peer.hold(point, recipient)
    site.workers[0].resume()
    held.wait_until_reached()
    until(lambda: on_record(site) == letters, lambda: f"{on_record(site)} of {letters} letters recorded")
    site.workers[0].kill()
    site.kills["worker"] = site.kills.get("worker", 0) + 1
    held.released.set()
    site.workers = []
    site.start_worker()
    site.wait_until_ready()


def on_record(site: Site) -> int:
    """How many letters were sent."""
    query = "select count(*) from rubis.mail where kind = 'letter' and status = 'sent'"
    return int(site.database.admin.value(query))


def test_killed_with_many_questions_in_hand(figures: Figures) -> None:
    """All questions of a mail are asked again together; twice only if the server had the whole mail."""
    with running_site() as site:
        town = Town(site, len(_POINTS), _QUESTIONS, seconds=len(_POINTS) * _APART)
        told = {}
        for number, (point, when) in enumerate(_POINTS.items()):
            site.workers[0].suspend()
            town.let_them_fall_due("checkin_task")
            site.database.clock.advance(seconds=4)
            lose_the_worker(site, point, town.emails[number])
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
    """No letter leaves twice for any of its invoices: all are `unconfirmed` once it may have left.

    If it was not handed over it leaves after all. The other clients have their letters.
    """
    with running_site() as site:
        town = Town(site, len(_POINTS), _CLIENTS * _EACH, seconds=len(_POINTS) * _APART, per_client=_EACH)
        site.workers[0].suspend()
        town.answer_all_pending()
        told = {}
        delivered = 0
        for number, (point, when) in enumerate(_POINTS.items()):
            site.workers[0].suspend()
            town.let_them_fall_due("relance")
            site.database.clock.advance(seconds=4)
            client = f"c1@o{town.organization_ids[number]}.clients.test"
            lose_the_worker(site, point, client, on_record(site) + _CLIENTS - 1)
            drain(site, "relance")
            figure = assert_relanced(site, (number + 1) * _CLIENTS * _EACH)
            delivered += _CLIENTS - 1 if point == "data" else _CLIENTS
            assert len(letters(site)) == delivered
            assert figure["unconfirmed"] == number * _EACH, (point, figure)
            assert figure["of these delivered"] == (_EACH if point == "accepted" else 0), (point, figure)
            told[f"unconfirmed_if_killed_{when}"] = 0 if point == "rcpt" else _EACH
        assert_rules(site.database)
        figures.tell(relances=town.count, a_letter=_EACH, **told)
