"""The mail server is slow, hangs up, is down for days, does not know us: questions arrive all the same.

Each person has one mail on its way at a time, which asks all that is due, 25 questions at most.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.conftest import Figures, Scale
from tests.faults.support.checks import asked, assert_links_work, assert_rules
from tests.faults.support.site import Site, running_site
from tests.faults.support.town import drain
from tests.support.letters import proven
from tests.support.person import Person
from tests.support.smtp import DROP
from tests.support.stack import Stack
from tests.support.waiting import until

_PASSWORD = "a-password-of-the-mail-server"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """One site for all of these, whose mail server wants a password and whose worker is impatient."""
    variables = {"SMTP_USERNAME": "rubis", "SMTP_PASSWORD": _PASSWORD, "MAIL_TIMEOUT_SECONDS": "3"}
    with running_site(variables=variables) as site:
        site.peer.credentials = (b"rubis", _PASSWORD.encode())
        yield site
        assert all(_PASSWORD not in log.read_text() for log in site.logs)


@pytest.fixture
def ana(site: Site) -> Iterator[Person]:
    """Somebody with a proven address; leaves no open invoice behind."""
    with Person(Stack(site.database, site.peer, site.apis[0], site.workers[0], site.url)) as ana:
        proven(ana.cast)
        yield ana
        assert_rules(site.database)
        site.database.owner().execute("update rubis.invoice set status = 'cancelled' where status = 'open'")


def classes(site: Site, ana: Person) -> dict[str, int]:
    """How many attempts to mail this person's check-ins failed, by class."""
    rows = site.database.admin.rows(
        "select a.failure_class, count(*) from rubis.mail_attempt as a"
        " join rubis.mail as m using (organization_id, mail_id) where m.kind = 'questions'"
        " and a.to_address = %s and a.failure_class is not null group by 1",
        [ana.email],
    )
    return {row["failure_class"]: row["count"] for row in rows}


def issue(ana: Person, count: int) -> None:
    """Issue invoices, and let a minute pass."""
    for _ in range(count):
        ana.issue()
    ana.stack.a_minute_passes()


def numbers(site: Site, ana: Person) -> list[str]:
    """Of the invoices that this person was asked about, in the order of the mails."""
    return [question.number for question in asked(site, ana.email)]


def status(ana: Person, invoice: dict[str, Any]) -> str:
    """What has become of the latest check-in of an invoice."""
    return str(ana.get(f"invoices/{invoice['invoice_id']}")["checkin"]["status"])


def wait_for_failures(site: Site, ana: Person, class_: str, count: int) -> int:
    """Return how many attempts have failed in this class, once there are so many."""
    return until(
        lambda: found if (found := classes(site, ana).get(class_, 0)) >= count else None,
        site.workers[0].log,
    )


def test_a_slow_mail_server(site: Site, ana: Person, scale: Scale, figures: Figures) -> None:
    """A server that takes two seconds gets every mail once; one that takes too long is tried again."""
    count = scale(60, 15)
    site.peer.latency = 2
    issue(ana, count)
    drain(site, "checkin_task")
    assert len(set(numbers(site, ana))) == len(numbers(site, ana)) == count
    assert classes(site, ana) == {}

    site.peer.latency = 5
    issue(ana, 5)
    until(lambda: classes(site, ana) == {"unknown": 1}, site.workers[0].log, 30)
    site.peer.latency = 0
    drain(site, "checkin_task")
    assert len(set(numbers(site, ana))) == count + 5
    assert len(numbers(site, ana)) == count + 10
    links = assert_links_work(site, ana.email)
    figures.tell(
        questions_in_mails_of_2_s=count, in_a_mail_of_5_s_given_up_after_3_s=5, asked_twice=5, links=links
    )


def test_a_mail_server_that_hangs_up(site: Site, ana: Person, scale: Scale, figures: Figures) -> None:
    """What was cut off in the message, or before the 250, is mailed again, and all links work."""
    count, cut_off, lost = 40, scale(5, 2), scale(3, 1)
    site.peer.reply("message", DROP, ana.email, times=cut_off)
    answer_lost = site.peer.reply("accepted", DROP, ana.email, times=lost)
    issue(ana, count)
    drain(site, "checkin_task")
    assert answer_lost.times == 0
    assert classes(site, ana) == {"unknown": cut_off + lost}
    assert len(set(numbers(site, ana))) == count
    assert len(numbers(site, ana)) == count + 25 * lost
    links = assert_links_work(site, ana.email)
    figures.tell(questions=count, lost_in_the_message=cut_off, lost_before_the_250=lost, links=links)


def test_a_mail_server_down_for_three_days(site: Site, ana: Person, figures: Figures) -> None:
    """No question fails while no mail can be handed over; readiness says so, and all is mailed afterwards."""
    with site.mail_down():
        issue(ana, 3)
        for day in range(1, 13):
            wait_for_failures(site, ana, "operator", day)
            until(lambda: waiting(site) == 1, site.workers[0].log)
            site.database.clock.advance(hours=6)
        readiness = ana.browser.get("/readyz").json()
        assert (readiness["status"], "mail" in readiness["reasons"]) == ("degraded", True)
    site.database.clock.advance(minutes=5)
    drain(site, "checkin_task")
    assert len(set(numbers(site, ana))) == len(numbers(site, ana)) == 3
    until(lambda: ana.browser.get("/readyz").json()["status"] == "ready", "not ready again")
    figures.tell(attempts_refused=classes(site, ana)["operator"], hours=72, mailed_afterwards=3)


def waiting(site: Site) -> int:
    """How many mails of questions wait for their next attempt."""
    query = (
        "select count(*) from rubis.mail where kind = 'questions' and status = 'scheduled' and attempts > 0"
    )
    return int(site.database.admin.value(query))


def test_all_recipients_deferred_for_three_days(site: Site, ana: Person, figures: Figures) -> None:
    """The server defers every recipient at RCPT: no question fails, readiness says so, all leave later."""
    deferral = site.peer.reply("rcpt", "451 4.7.1 try again later")
    issue(ana, 3)
    for count in range(1, 13):
        wait_for_failures(site, ana, "temporary", count)
        until(lambda: waiting(site) == 1, site.workers[0].log)
        site.database.clock.advance(hours=6)
    readiness = ana.browser.get("/readyz").json()
    assert (readiness["status"], "mail" in readiness["reasons"]) == ("degraded", True)
    failed = (
        "select count(*) from rubis.checkin_task where status = 'failed' and end_reason = 'mail temporary'"
    )
    assert site.database.admin.value(failed) == 0
    site.peer.forget(deferral)
    site.database.clock.advance(hours=1)
    drain(site, "checkin_task")
    assert len(set(numbers(site, ana))) == len(numbers(site, ana)) == 3
    until(lambda: ana.browser.get("/readyz").json()["status"] == "ready", "not ready again")
    figures.tell(attempts_deferred=classes(site, ana)["temporary"], hours=72, mailed_afterwards=3)


def accept_another(site: Site) -> None:
    """Another person asks for the proof of an address, and that mail is accepted."""
    with Person(Stack(site.database, site.peer, site.apis[0], site.workers[0], site.url)) as other:
        other.cast.api("request_email_proof")
        until(lambda: site.peer.to(other.email), site.workers[0].log)


@pytest.mark.parametrize(
    "wrong",
    [
        {"SMTP_HOST": "smtp.invalid"},
        {"MAIL_DRIVER": "resend", "RESEND_API_KEY": "re_x", "RESEND_URL": "https://resend.invalid"},
    ],
    ids=["smtp_host", "no_network_to_resend"],
)
def test_no_way_to_the_mail_server(wrong: dict[str, str], figures: Figures) -> None:
    """A wrong SMTP_HOST, or no network with Resend: for days no question fails, and readiness says so."""
    with (
        running_site(variables=wrong) as site,
        Person(Stack(site.database, site.peer, site.apis[0], site.workers[0], site.url)) as ana,
    ):
        issue(ana, 3)
        for count in range(1, 13):
            wait_for_failures(site, ana, "operator", count)
            until(lambda: waiting(site) == 1, site.workers[0].log)
            site.database.clock.advance(hours=6)
        readiness = ana.browser.get("/readyz").json()
        assert (readiness["status"], "mail" in readiness["reasons"]) == ("degraded", True)
        live = "select count(*) from rubis.checkin_task where status in ('scheduled', 'sending')"
        assert site.database.admin.value(live) == 3
        assert_rules(site.database)
    figures.tell(attempts_without_a_way=12, hours=72, questions_that_failed=0)


def test_a_recipient_deferred_for_a_day(site: Site, ana: Person, figures: Figures) -> None:
    """What was due in the last day is mailed once the recipient is taken; what waited longer has failed.

    Another recipient is taken meanwhile, so it is this one's trouble. The user is told of that, and no
    relance leaves for an invoice whose owner could not be asked.
    """
    deferral = site.peer.reply("rcpt", "451 4.7.1 try again later", ana.email)
    early = ana.issue(number="EARLY")
    ana.stack.a_minute_passes()
    tried = wait_for_failures(site, ana, "temporary", 1) - 1
    accept_another(site)
    for hours in range(0, 27, 2):
        if hours == 14:
            late = ana.issue(number="LATE")
        tried = wait_for_failures(site, ana, "temporary", tried + 1)
        until(lambda: status(ana, early) in ("scheduled", "failed"), "in hand")
        if status(ana, early) == "failed":
            break
        site.database.clock.advance(hours=2)
    assert status(ana, early) == "failed"
    assert "checkin_failed" in [kind for kind, _ in ana.timeline(early)]
    until(lambda: status(ana, late) == "scheduled", "in hand")
    site.peer.forget(deferral)
    site.database.clock.advance(hours=1)
    until(lambda: status(ana, late) == "sent", site.workers[0].log)
    assert "EARLY" not in numbers(site, ana)

    site.database.clock.advance(days=7)
    until(lambda: status(ana, late) == "expired", site.workers[0].log)
    ahead = ana.get(f"invoices/{early['invoice_id']}/relances")["ahead"]
    assert (ahead["status"], ahead["hold_reason"]) == ("held", "owner_not_asked"), ahead
    ana.post(f"invoices/{early['invoice_id']}/checkin/ask-again")
    until(lambda: status(ana, early) == "sent", site.workers[0].log)
    assert len(numbers(site, ana)) == 2
    figures.tell(attempts_deferred=classes(site, ana)["temporary"], mailed_afterwards=2)


def test_credentials_revoked_and_restored(site: Site, ana: Person, figures: Figures) -> None:
    """Nothing fails for want of a password: it is tried again and again, readiness says so, all goes on."""
    site.peer.credentials = (b"rubis", b"another")
    issue(ana, 5)
    until(lambda: classes(site, ana).get("operator", 0) == 1, site.workers[0].log, 30)
    readiness = ana.browser.get("/readyz").json()
    assert (readiness["status"], "mail" in readiness["reasons"]) == ("degraded", True)
    site.database.clock.advance(hours=30)
    until(lambda: classes(site, ana)["operator"] == 2, site.workers[0].log, 30)
    assert numbers(site, ana) == []

    site.peer.credentials = (b"rubis", _PASSWORD.encode())
    site.database.clock.advance(minutes=5)
    drain(site, "checkin_task")
    assert len(set(numbers(site, ana))) == len(numbers(site, ana)) == 5
    until(lambda: ana.browser.get("/readyz").json()["status"] == "ready", "not ready again")
    assert_links_work(site, ana.email)
    figures.tell(attempts_refused=2, hours=30, mailed_afterwards=5)
