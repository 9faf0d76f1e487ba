"""A click on paid that did not count: no letter leaves before its user has decided, who is told at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.letters import (
    ahead,
    begin_letter,
    begin_notice,
    calendar,
    proven,
    queued_letter,
    send_letter,
    until_due,
)
from tests.support.line import Token

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def known(cast: Cast) -> None:
    """Nothing but the question stands before a relance: holidays are known, the user's address is proven."""
    calendar(cast)
    proven(cast)


def contradicted(cast: Cast) -> int:
    """A person clicks paid, a slow program opens pending within the minute."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    assert cast.click(token, "paid") == "paid"
    cast.clock.advance(seconds=50)
    assert cast.click(token, "pending") == "confirm"
    return invoice_id


def the_other_way_round(cast: Cast) -> int:
    """A program opens pending first, the person's click on paid contradicts it."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    assert [cast.click(token, answer) for answer in ("pending", "paid")] == ["pending", "confirm"]
    return invoice_id


def late(cast: Cast) -> int:
    """A click on paid when the links have run out."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.clock.advance(hours=25)
    cast.tick()
    assert cast.click(token, "paid") == "expired"
    cast.clock.advance(seconds=1)
    return invoice_id


def of_old_facts(cast: Cast) -> int:
    """A click on paid of a question that a new amount has cancelled."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.update(invoice_id, amount_cents=7)
    assert cast.click(token, "paid") == "expired"
    return invoice_id


def of_a_failed_question(cast: Cast) -> int:
    """A click on paid of a mail that was said to be refused, a day later."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.fail(begun, "refused")
    cast.clock.advance(hours=25)
    assert cast.click(begun["token"], "paid") == "expired"
    return invoice_id


def after_pending(cast: Cast) -> int:
    """Pending, and on another day a click on paid of the same mail: the payment has come."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    assert cast.click(token, "pending") == "pending"
    cast.clock.advance(days=2)
    assert cast.click(token, "paid") == "already_answered"
    return invoice_id


def after_pending_in_the_app(cast: Cast) -> int:
    """The same, after an answer in the app."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.answer(invoice_id, "pending")
    cast.clock.advance(minutes=2)
    assert cast.click(token, "paid") == "already_answered"
    return invoice_id


CLICKS = [
    *(contradicted, the_other_way_round, late, of_old_facts, of_a_failed_question),
    *(after_pending, after_pending_in_the_app),
]
Click = Callable[[Cast], int]


def told(cast: Cast) -> int:
    """How many mails say that paid was clicked."""
    return len(cast.notices("said_paid"))


def page(cast: Cast) -> Token:
    """The token of the mail that says so, which leaves at once."""
    begun = begin_notice(cast, "said_paid")
    assert begun["skip_reason"] is None, begun
    cast.finish(begun)
    token: Token = begun["token"]
    return token


def silence(cast: Cast, invoice_id: int) -> None:
    """A week with a worker that mails what is due, and a user who does nothing."""
    for _ in range(7 * 8):
        cast.tick()
        if cast.queued_mail(invoice_id) is not None:
            cast.finish(cast.begin(invoice_id))
        if queued_letter(cast, invoice_id) is not None:
            begin_letter(cast, invoice_id)
        cast.clock.advance(hours=3)


@pytest.mark.parametrize("click", CLICKS)
def test_what_was_said_to_be_paid_is_never_taken_for_silence(cast: Cast, click: Click) -> None:
    """A week passes: the letter is held for that reason, the user was told once, and no letter has left."""
    invoice_id = click(cast)
    assert told(cast) == 1
    silence(cast, invoice_id)
    relance = ahead(cast, invoice_id)
    assert (relance["status"], relance["hold_reason"]) == ("held", "owner_said_paid")
    assert cast.letters(invoice_id) == []
    assert (cast.row(invoice_id)["status"], told(cast)) == ("open", 1)
    assert cast.session.value("select reason from audit.relance_verdict") == "owner_said_paid"
    stuck = cast.session.row("select * from audit.stuck_relances")
    assert (stuck["reason"], stuck["invoice_id"]) == ("owner_said_paid", invoice_id)
    assert len(cast.mails(invoice_id)) <= 3


@pytest.mark.parametrize("after", ["at once", "a week"])
@pytest.mark.parametrize("answer", ["paid", "pending"])
@pytest.mark.parametrize("click", CLICKS)
def test_its_mail_leads_to_a_page_whose_buttons_decide(
    cast: Cast, click: Click, answer: str, after: str
) -> None:
    """Both are there, at once and after the questions have run out; pending lets the relance leave."""
    invoice_id = click(cast)
    token = page(cast)
    if after == "a week":
        silence(cast, invoice_id)
    cast.clock.advance(seconds=1)
    look = cast.look(token)
    assert look["said_paid"]
    assert {"paid", "pending"} <= set(look["may"])
    assert cast.press(token, answer) == answer
    assert cast.row(invoice_id)["status"] == {"paid": "paid", "pending": "open"}[answer]
    assert not cast.look(token)["said_paid"]
    assert cast.session.rows("select * from audit.rule_paid_by_a_click") == []
    assert cast.session.rows("select * from audit.rule_held_relance_waits") == []
    if answer == "pending":
        assert ahead(cast, invoice_id)["status"] == "scheduled"


@pytest.mark.parametrize("answer", ["paid", "pending"])
@pytest.mark.parametrize("click", CLICKS)
def test_an_answer_in_the_app_decides(cast: Cast, click: Click, answer: str) -> None:
    """After the questions have run out, too."""
    invoice_id = click(cast)
    silence(cast, invoice_id)
    assert cast.answer(invoice_id, answer) == answer
    assert cast.row(invoice_id)["status"] == {"paid": "paid", "pending": "open"}[answer]
    if answer == "pending":
        assert ahead(cast, invoice_id)["status"] == "scheduled"
        cast.clock.advance(seconds=1)
        assert cast.answer(invoice_id, "pending") == "already_answered"


def test_after_a_decision_of_pending_the_letter_leaves(cast: Cast) -> None:
    """The rule that watches it finds nothing, even when the answer is taken back after the letter."""
    invoice_id = contradicted(cast)
    token = page(cast)
    cast.clock.advance(seconds=1)
    assert cast.press(token, "pending") == "pending"
    send_letter(cast, invoice_id)
    assert cast.session.rows("select * from audit.rule_said_paid_decided") == []
    assert cast.undo(token) == "undone"
    assert cast.session.rows("select * from audit.rule_said_paid_decided") == []


def test_a_decision_before_the_new_question_is_mailed_has_no_undo(cast: Cast) -> None:
    """No mail of that question could be as before; the app can still say that it is paid."""
    invoice_id = late(cast)
    token = page(cast)
    assert cast.press(token, "pending") == "pending"
    assert cast.look(token)["may"] == []
    assert cast.undo(token) == "unchanged"
    send_letter(cast, invoice_id)
    assert cast.answer(invoice_id, "paid") == "paid"


def test_a_later_question_answered_pending_by_link_decides(cast: Cast) -> None:
    """Unless it is contradicted in its window: then it is undecided again, and the user is told again."""
    invoice_id = late(cast)
    second = cast.ask(invoice_id)
    assert cast.click(second, "pending") == "pending"
    cast.clock.advance(minutes=1)
    assert cast.click(second, "pending") == "already_answered"
    send_letter(cast, invoice_id)


def test_a_later_pending_that_is_contradicted_decides_nothing(cast: Cast) -> None:
    """It is held as before, and the second question's contradiction is told as the first one's was."""
    invoice_id = late(cast)
    second = cast.ask(invoice_id)
    assert [cast.click(second, answer) for answer in ("pending", "paid")] == ["pending", "confirm"]
    assert told(cast) == 2
    silence(cast, invoice_id)
    assert ahead(cast, invoice_id)["hold_reason"] == "owner_said_paid"


def test_a_decision_taken_back_decides_nothing(cast: Cast) -> None:
    """Pending, then undone by its button: what was said to be paid still is."""
    invoice_id = contradicted(cast)
    token = page(cast)
    assert cast.press(token, "pending") == "pending"
    assert cast.undo(token) == "undone"
    silence(cast, invoice_id)
    assert ahead(cast, invoice_id)["hold_reason"] == "owner_said_paid"


@pytest.mark.parametrize("click", CLICKS)
def test_a_program_that_goes_on_makes_one_mail_per_question(cast: Cast, click: Click) -> None:
    """It opens both links of every mail every hour."""
    invoice_id = click(cast)
    for _ in range(30):
        for task in cast.rows("checkin_task", invoice_id):
            told_of = [mail["checkin_task_id"] for mail in cast.notices("said_paid")]
            assert told_of.count(task["checkin_task_id"]) <= 1
        silence_token = cast.mails(invoice_id)[0]["token_hash"]
        for answer in ("paid", "pending"):
            cast.click(silence_token, answer)
        cast.clock.advance(hours=1)
        cast.tick()
    assert told(cast) == 1


def test_a_person_who_has_decided_is_not_asked_again_for_an_answered_question(cast: Cast) -> None:
    """A program opens the links of an answered question again: the decision stands, no letter is held."""
    invoice_id = after_pending_in_the_app(cast)
    (mail,) = cast.mails(invoice_id)
    token = mail["token_hash"]
    cast.clock.advance(seconds=1)
    assert cast.press(token, "pending") == "pending"
    cast.clock.advance(hours=1)
    assert cast.click(token, "paid") == "already_answered"
    assert (told(cast), ahead(cast, invoice_id)["status"]) == (1, "scheduled")


@pytest.mark.parametrize("click", CLICKS)
def test_a_mail_not_yet_sent_is_dropped_once_the_user_has_decided(cast: Cast, click: Click) -> None:
    """The user answered in the app before the worker took it."""
    invoice_id = click(cast)
    cast.tick()
    cast.clock.advance(seconds=1)
    cast.answer(invoice_id, "paid")
    assert begin_notice(cast, "said_paid")["skip_reason"] == "the user has decided"


def test_what_a_person_did_is_not_in_doubt(cast: Cast) -> None:
    """Undone by receipt, marked paid and reopened by hand: a person said so, and the question is asked."""
    undone = cast.invoice()
    token = cast.ask(undone)
    cast.click(token, "paid")
    assert cast.undo(token) == "undone"
    reopened = late(cast)
    cast.clock.advance(seconds=1)
    cast.api("mark_invoice_paid", invoice_id=reopened)
    cast.api("reopen_invoice", invoice_id=reopened, reason="it bounced")
    for invoice_id in (undone, reopened):
        assert cast.row(invoice_id)["said_paid_at"] is None


def test_it_is_said_of_the_invoice_whatever_changes(cast: Cast) -> None:
    """Its amount, its client and its user: the word is not lost."""
    invoice_id = late(cast)
    cast.update(invoice_id, amount_cents=7)
    cast.update(invoice_id, client_id=cast.client("Martin SARL", "compta@martin.test"))
    (colleague,) = cast.dba(
        "insert into rubis.app_user (organization_id, email, full_name, password_hash, email_proven_at)"
        " select organization_id, 'colleague@atelier.test', 'Zoe', password_hash, rubis.clock()"
        " from rubis.app_user where user_id = %s returning user_id",
        cast.user_id,
    )
    cast.update(invoice_id, user_id=colleague["user_id"])
    silence(cast, invoice_id)
    assert ahead(cast, invoice_id)["hold_reason"] == "owner_said_paid"


def test_a_link_that_only_opens_the_page_says_nothing(cast: Cast) -> None:
    """In confirm mode a program opens it too: nothing is held, the user is not told."""
    cast.settings(click_mode="confirm")
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    assert cast.click(token, "paid") == "confirm"
    assert (told(cast), cast.row(invoice_id)["said_paid_at"]) == (0, None)
    cast.clock.advance(hours=25)
    cast.tick()
    until_due(cast, invoice_id)
    assert queued_letter(cast, invoice_id) is not None
