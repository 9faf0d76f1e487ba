"""An address that is not proven may be a stranger's: it gets three mails of questions, then none."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.letters import begin_notice, proven


def overdue(cast: Cast) -> int:
    """An invoice that is asked about in a minute."""
    return cast.invoice(issued_on=date(2026, 1, 1), due_on=date(2026, 2, 1))


def ask_three_times(cast: Cast) -> None:
    """Three mails of a question each are accepted."""
    for _ in range(3):
        cast.ask(overdue(cast))
        cast.clock.advance(minutes=3)


def held(cast: Cast) -> int:
    """A fourth question, which is due."""
    ask_three_times(cast)
    invoice_id = overdue(cast)
    cast.clock.advance(minutes=1)
    cast.tick()
    return invoice_id


def state(cast: Cast, invoice_id: int) -> tuple[Any, ...]:
    """Where the latest question stands, and what it waits for."""
    task = cast.task(invoice_id)
    return task["status"], task["hold_reason"]


def test_a_fourth_mail_waits_until_the_address_is_proven(cast: Cast) -> None:
    """Its question is held, neither fails nor expires in a month, and is asked once the address is proven."""
    invoice_id = held(cast)
    for _ in range(30):
        cast.tick()
        assert cast.queued_mail(invoice_id) is None
        cast.clock.advance(days=1)
    assert state(cast, invoice_id) == ("held", "address_unproven")
    assert cast.document(invoice_id)["checkin"]["status"] == "held"
    proven(cast)
    cast.tick()
    cast.ask(invoice_id)
    assert state(cast, invoice_id) == ("sent", None)
    assert cast.mails(invoice_id)[-1]["attempted_at"] == cast.now()


def test_a_button_of_an_earlier_mail_lets_them_go(cast: Cast) -> None:
    """A person pressed it: the address is proven, and the questions that waited go in one mail."""
    token = cast.ask(overdue(cast))
    cast.clock.advance(minutes=3)
    for _ in range(2):
        cast.ask(overdue(cast))
        cast.clock.advance(minutes=3)
    waiting = [overdue(cast) for _ in range(3)]
    cast.clock.advance(minutes=1)
    cast.tick()
    assert [state(cast, invoice_id) for invoice_id in waiting] == [("held", "address_unproven")] * 3
    assert cast.press(token, "pending") == "pending"
    cast.tick()
    assert {item["invoice_id"] for item in cast.begin(waiting[0])["items"]} == set(waiting)


def test_a_mail_of_many_questions_is_one_mail(cast: Cast) -> None:
    """Not the questions count, but the mails."""
    several = [overdue(cast) for _ in range(5)]
    cast.ask(several[0])
    cast.clock.advance(minutes=3)
    for _ in range(2):
        cast.ask(overdue(cast))
        cast.clock.advance(minutes=3)
    last = overdue(cast)
    cast.clock.advance(minutes=1)
    cast.tick()
    assert state(cast, last) == ("held", "address_unproven")


@pytest.mark.parametrize(("failure_class", "counts"), [("unknown", True), ("temporary", False)])
def test_a_mail_counts_that_may_have_been_read(cast: Cast, failure_class: str, *, counts: bool) -> None:
    """Three attempts of unknown fate are three mails; three that did not leave are none."""
    invoice_id = overdue(cast)
    for _ in range(3):
        cast.fail(cast.sending(invoice_id), failure_class)
    cast.clock.advance(hours=1)
    for _ in range(2):
        cast.tick()
        if cast.queued_mail(invoice_id) is not None:
            cast.begin(invoice_id)
        cast.clock.advance(seconds=2)
    expected = ("held", "address_unproven") if counts else ("sending", None)
    assert state(cast, invoice_id) == expected


def test_asking_by_hand_gets_no_more(cast: Cast) -> None:
    """The user wants to be asked again: that question waits too."""
    invoice_id = held(cast)
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    cast.tick()
    assert state(cast, invoice_id) == ("held", "address_unproven")
    assert cast.mails(invoice_id) == []


def test_another_address_has_three_of_its_own(cast: Cast) -> None:
    """A question that is held is asked there; another spelling of the old address is the old address."""
    invoice_id = held(cast)
    spelled = "update rubis.app_user set email = %s where user_id = %s"
    cast.dba(spelled, cast.email.upper(), cast.user_id)
    other = overdue(cast)
    cast.clock.advance(minutes=1)
    cast.tick()
    assert state(cast, other) == ("held", "address_unproven")
    cast.dba(spelled, "new@atelier.test", cast.user_id)
    cast.clock.advance(minutes=1)
    cast.tick()
    begun = cast.begin(invoice_id)
    assert begun["skip_reason"] is None, begun
    assert begun["to_address"] == "new@atelier.test"
    assert {item["invoice_id"] for item in begun["items"]} == {invoice_id, other}


@pytest.mark.parametrize("act", ["mark_invoice_paid", "cancel_invoice"])
def test_a_held_question_ends_with_its_invoice(cast: Cast, act: str) -> None:
    """Settled meanwhile: cancelled, and nothing is asked once the address is proven."""
    invoice_id = held(cast)
    cast.api(act, invoice_id=invoice_id)
    assert cast.task(invoice_id)["status"] == "cancelled"
    proven(cast)
    cast.tick()
    assert cast.queued_mail(invoice_id) is None


def test_a_held_question_is_answered_in_the_app(cast: Cast) -> None:
    """The user need not wait for the mail."""
    invoice_id = held(cast)
    assert cast.answer(invoice_id, "pending") == "pending"
    assert state(cast, invoice_id) == ("answered", None)


def test_verification_mails_are_counted_apart(cast: Cast) -> None:
    """A person asks for them: five a day, whatever questions were mailed, which lose none by them."""
    for _ in range(5):
        cast.api("request_email_proof")
        cast.tick()
        begun = begin_notice(cast)
        assert begun["skip_reason"] is None, begun
        cast.finish(begun)
        cast.clock.advance(minutes=11)
    with cast.raises("RB429", "rate_limit__email_proof", "email"):
        cast.api("request_email_proof")
    ask_three_times(cast)
    invoice_id = overdue(cast)
    cast.clock.advance(minutes=1)
    cast.tick()
    assert state(cast, invoice_id) == ("held", "address_unproven")
    cast.clock.advance(days=1)
    cast.api("request_email_proof")
    cast.tick()
    begun = begin_notice(cast)
    cast.finish(begun)
    assert cast.public("prove_email", token_hash=begun["token"]) == {"outcome": "proven"}
    cast.clock.advance(seconds=1)
    cast.tick()
    cast.ask(invoice_id)
    assert cast.now() - cast.task(invoice_id)["sent_at"] == timedelta(0)
