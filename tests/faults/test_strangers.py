"""How much mail to strangers can be made of a new account, whatever a script does with it."""

import re
from datetime import timedelta

import pytest

from tests.faults.conftest import Figures, Scale
from tests.faults.support.checks import asked, assert_rules, checkin_mails, letters
from tests.faults.support.site import Site, running_site
from tests.faults.support.town import Town, drain
from tests.support.person import Person
from tests.support.stack import Stack
from tests.support.waiting import until

_MOST_QUESTION_MAILS = 3
_MOST_PROOFS = 5
_QUOTA = 2


def type_away(ana: Person, site: Site, day: int, count: int) -> None:
    """All that makes questions: new invoices, earlier due dates, invoices opened again, questions by hand."""
    today = site.database.clock.now().date()
    for number in range(count):
        ana.issue(number=f"D{day}-{number}")
    later = ana.issue(number=f"D{day}-MOVED", due_on=str(today + timedelta(days=90)))
    again = ana.issue(number=f"D{day}-AGAIN", due_on=str(today + timedelta(days=90)))
    ana.patch(f"invoices/{later['invoice_id']}", {"due_on": str(today - timedelta(days=1))})
    ana.post(f"invoices/{again['invoice_id']}/cancel")
    ana.post(f"invoices/{again['invoice_id']}/reopen", {"reason": "by mistake"})
    by_hand = ana.browser.post(f"/api/v1/invoices/{again['invoice_id']}/checkin/ask-again")
    assert by_hand.status_code in (200, 202, 409), by_hand.text
    site.database.clock.advance(minutes=2)


def proofs(site: Site, ana: Person) -> list[str]:
    """The links of the mails that ask to prove the address, in order."""
    return [
        link for mail in site.peer.to(ana.email) for link in re.findall(r"\S+/verify-email/\S+", mail.text)
    ]


def test_an_address_that_is_not_proven(scale: Scale, figures: Figures) -> None:
    """It gets three mails of questions and five that ask for the proof; the other questions wait for it."""
    days, each = scale(8, 5), scale(30, 10)
    with running_site() as site:
        stack = Stack(site.database, site.peer, site.apis[0], site.workers[0], site.url)
        with Person(stack) as ana:
            for day in range(days):
                type_away(ana, site, day, each)
                drain(site, "checkin_task")
                site.database.clock.advance(days=1)
            drain(site, "checkin_task")
            assert len(checkin_mails(site, ana.email)) == _MOST_QUESTION_MAILS
            before = {question.number for question in asked(site, ana.email)}
            statuses = []
            for _ in range(_MOST_PROOFS + 3):
                statuses.append(ana.browser.post("/api/v1/me/verify-email").status_code)
                drain(site, "checkin_task")
                site.database.clock.advance(minutes=11)
            assert statuses == [202] * _MOST_PROOFS + [429] * 3
            until(lambda: len(proofs(site, ana)) == _MOST_PROOFS, lambda: f"{len(proofs(site, ana))} proofs")
            held = site.database.admin.rows(
                "select i.number from rubis.checkin_task as t join rubis.invoice as i"
                " using (organization_id, invoice_id) where t.status = 'held'"
            )
            assert len(held) > each
            assert not before.issuperset(row["number"] for row in held)

            assert ana.browser.post(proofs(site, ana)[-1]).headers["location"].endswith("/proven")
            until(lambda: released(site), site.workers[0].log)
            drain(site, "checkin_task")
            after = {question.number for question in asked(site, ana.email)}
            assert after >= {row["number"] for row in held}
        assert_rules(site.database)
        figures.tell(
            days=days,
            invoices=days * (each + 2),
            mails_of_questions=_MOST_QUESTION_MAILS,
            mails_for_the_proof=_MOST_PROOFS,
            held_and_asked_after_the_proof=len(held),
        )


def released(site: Site) -> bool:
    """No question is held any more."""
    return not site.database.admin.value("select count(*) from rubis.checkin_task where status = 'held'")


@pytest.mark.parametrize("zone", ["Pacific/Pago_Pago", "Pacific/Kiritimati"])
def test_the_quota_counts_24_hours_whatever_the_zone(figures: Figures, zone: str) -> None:
    """Two letters left; in a zone where it is another day no other one leaves until 24 h are over."""
    with running_site() as site:
        town = Town(site, 1, 6, seconds=0, daily_relance_quota=_QUOTA, question_valid_days=60)
        site.workers[0].suspend()
        town.answer_all_pending()
        site.workers[0].resume()
        town.let_them_fall_due("relance")
        site.database.clock.advance(seconds=4)
        drain(site, "relance")
        assert len(letters(site)) == _QUOTA
        site.database.owner().execute(
            "update rubis.organization set time_zone = %s, relance_time = '00:01'", [zone]
        )
        # In another zone the answers may be of the day before the due date: then all is asked again.
        for hours in [1] * 25 + [12] * 16:
            site.database.clock.advance(hours=hours)
            drain(site, "checkin_task")
            drain(site, "relance")
        assert len(letters(site)) > _QUOTA
        left_at = [
            row["accepted_at"]
            for row in site.database.admin.rows(
                "select a.accepted_at from rubis.mail_attempt as a join rubis.mail as m"
                " using (organization_id, mail_id) where m.kind = 'letter' and a.accepted_at is not null"
                " order by a.attempted_at"
            )
        ]
        assert all(
            later - earlier >= timedelta(hours=23, minutes=59)
            for earlier, later in zip(left_at, left_at[_QUOTA:], strict=False)
        ), left_at
        assert_rules(site.database)
        figures.tell(zone=zone, quota=_QUOTA, letters=len(left_at), days=9)
