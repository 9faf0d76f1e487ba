"""What is shown of the letter ahead is what happens: when its owner is asked again, and when it leaves."""

from datetime import timedelta

from tests.support.cast import Cast
from tests.support.letters import (
    ahead,
    begin_letter,
    confirm_or_resend,
    fail_letter,
    is_leaving,
    pending,
    proven,
    relances,
    send_letter,
    until_queued,
)


def assert_comes_as_shown(cast: Cast, invoice_id: int, asks_at: str, leaves_at: str) -> None:
    """The question before the letter ahead, and the letter, are shown for these moments and come then."""
    zone = cast.session.value(
        "select time_zone from rubis.organization where organization_id = %s", [cast.organization_id]
    )
    shown = relances(cast, invoice_id)["ahead"]
    until_queued(cast, invoice_id)
    assert is_leaving(cast, invoice_id)
    came = [cast.mails(invoice_id)[-1]["attempted_at"], cast.now()]
    wanted = [
        cast.session.value("select %s::timestamp at time zone %s", [at, zone]) for at in (asks_at, leaves_at)
    ]
    assert [shown["asks_at"], shown["leaves_at"]] == [at.isoformat() for at in wanted]
    late = [at - then for then, at in zip(wanted, came, strict=True)]
    assert timedelta(0) <= min(late) <= max(late) < timedelta(minutes=2), late


def test_a_question_answered_in_the_app_the_day_before_it_is_mailed(known: Cast) -> None:
    """The word is a day older than was planned: a third day is too old, and the owner is asked in time."""
    known.settings(question_valid_days=2)
    known.clock.set("2026-03-02 23:59:30 Europe/Paris")
    invoice_id = known.invoice(issued_on="2026-03-02", due_on="2026-03-02")
    proven(known)
    known.api("answer_invoice_checkin", invoice_id=invoice_id, answer="pending")
    assert_comes_as_shown(known, invoice_id, "2026-03-04 09:00", "2026-03-05 10:00")


def test_a_question_a_day_after_one_that_was_mailed_late(known: Cast) -> None:
    """The first one's links run out half a minute after the check-in time: the second is asked then."""
    known.settings(question_valid_days=2, checkin_time="23:59", relance_time="02:30")
    invoice_id = known.invoice(issued_on="2026-03-02", due_on="2026-03-13")
    proven(known)
    shown = relances(known, invoice_id)["ahead"]
    known.clock.set("2026-03-13 23:59:30 Europe/Paris")
    known.ask(invoice_id)
    assert relances(known, invoice_id)["ahead"]["leaves_at"] == shown["leaves_at"]
    known.clock.set("2026-03-14 23:59 Europe/Paris")
    known.tick()
    assert_comes_as_shown(known, invoice_id, "2026-03-14 23:59:30", "2026-03-16 02:30")
    assert (shown["asks_at"], shown["leaves_at"]) == (
        "2026-03-14T22:59:00+00:00",
        "2026-03-16T01:30:00+00:00",
    )


def test_the_owner_proves_another_address(known: Cast) -> None:
    """The question was asked at the old one: another is asked before the letter, which keeps its day."""
    invoice_id = pending(known)
    known.dba("update rubis.app_user set email = 'new@moved.test' where user_id = %s", known.user_id)
    proven(known)
    known.dba("update rubis.app_user set release_due = true where user_id = %s", known.user_id)
    known.tick()
    assert_comes_as_shown(known, invoice_id, "2026-03-22 09:00", "2026-03-23 10:00")


def test_a_letter_sent_again_that_meets_a_day_off(known: Cast) -> None:
    """24 hours after the first attempt is a holiday: the owner is asked on it, in time for the day after."""
    known.dba("insert into rubis.public_holiday values ('FR', '2026-03-24', 'closed')")
    known.settings(question_valid_days=2)
    invoice_id = pending(known)
    relance_id = until_queued(known, invoice_id)["relance_id"]
    known.clock.advance(minutes=90)
    fail_letter(known, begin_letter(known, invoice_id), "unknown")
    confirm_or_resend(known, relance_id, resend=True)
    known.tick()
    assert_comes_as_shown(known, invoice_id, "2026-03-24 09:00", "2026-03-25 10:00")


def test_what_is_scheduled_is_looked_at_again_in_pieces(known: Cast) -> None:
    """After another address is proven, so many relances a tick, each once, until all were looked at."""
    invoices = [pending(known, number=f"F-{n}") for n in (1, 2, 3)]
    planned = ahead(known, invoices[0])["next_look_at"]
    known.dba("update rubis.app_user set email = 'new@moved.test' where user_id = %s", known.user_id)
    proven(known)
    known.dba("update rubis.app_user set release_due = true where user_id = %s", known.user_id)
    known.clock.advance(minutes=1)
    piece = "select rubis.look_again(organization_id, user_id, 2) as done from rubis.app_user"
    assert known.dba(piece) == [{"done": False}]
    looks = [ahead(known, invoice_id)["next_look_at"] for invoice_id in invoices]
    assert looks == [known.now(), known.now(), planned]
    assert known.dba(piece) == [{"done": True}]
    assert ahead(known, invoices[2])["next_look_at"] == known.now()
    known.tick()
    assert known.dba("select release_due, release_from from rubis.app_user") == [
        {"release_due": False, "release_from": 0}
    ]
    known.clock.advance(minutes=1)
    known.tick()
    assert ahead(known, invoices[0])["next_look_at"] > known.now()


def test_a_letter_that_waits_for_another_may_be_asked_about_twice(known: Cast) -> None:
    """Two formal notices to one client: the second leaves a spacing later, when its question is too old.

    The first of its two questions is shown: it comes before the other notice has left.
    """
    known.settings(question_valid_days=2, client_spacing_days=3)
    steps = known.json([{"days_after_due": 3, "tone": "formal_notice"}])
    known.api("put_relance_plan", relance_plan_id=None, name=None, steps=steps)
    first, second = pending(known), pending(known)
    proven(known)
    known.tick()
    shown = relances(known, second)["ahead"]
    begin = known.now()
    send_letter(known, first)
    until_queued(known, second)
    assert is_leaving(known, second)
    asked = [at for mail in known.mails(second) if (at := mail["attempted_at"]) > begin]
    moments = ["2026-03-22 08:00", "2026-03-25 08:00", "2026-03-26 09:00"]
    assert [f"{at:%Y-%m-%d %H:%M}" for at in (*asked, known.now())] == moments
    assert [shown["asks_at"], shown["leaves_at"]] == [
        "2026-03-22T08:00:00+00:00",
        "2026-03-26T09:00:00+00:00",
    ]
