"""What proves a user's address: what a person did with a mail to it, and nothing that a program does."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.letters import begin_notice

MICROSECOND = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


def is_proven(cast: Cast, after: timedelta = MINUTE) -> bool:
    """Whether the user's address is proven once a tick came so much later."""
    cast.clock.set(cast.now() + after)
    cast.tick()
    proven: bool = cast.session.value(
        "select email_proven_at is not null from rubis.app_user where user_id = %s", [cast.user_id]
    )
    return proven


def answered_in_the_app(cast: Cast) -> None:
    """Pending in the app; a program then follows both links of the mail."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.answer(invoice_id, "pending")
    assert [cast.click(token, answer) for answer in ("paid", "pending")] == ["already_answered"] * 2


def contradicted(cast: Cast) -> None:
    """Both links of an open question, more than once."""
    token = cast.ask(cast.invoice())
    outcomes = [cast.click(token, answer) for answer in ("pending", "paid", "pending", "paid")]
    assert outcomes == ["pending", "confirm", "confirm", "confirm"]


def contradicted_after_the_app(cast: Cast) -> None:
    """A program follows one link, the user notes the payment in the app, the program follows the other."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    assert cast.click(token, "pending") == "pending"
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    assert cast.click(token, "paid") == "already_answered"


def late(cast: Cast) -> None:
    """Both links of a question that has run out."""
    token = cast.ask(cast.invoice())
    cast.clock.advance(hours=25)
    cast.tick()
    assert [cast.click(token, answer) for answer in ("paid", "pending")] == ["expired"] * 2


def settled(cast: Cast) -> None:
    """A link after the payment was noted."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    assert cast.click(token, "paid") == "already_answered"


def confirm_mode(cast: Cast) -> None:
    """Links that open the page."""
    cast.settings(click_mode="confirm")
    token = cast.ask(cast.invoice())
    assert [cast.click(token, answer) for answer in ("paid", "pending")] == ["confirm"] * 2
    assert cast.look(token)["standing"] == "open"


def followed(cast: Cast) -> None:
    """The link of the verification mail, which opens a page."""
    cast.api("request_email_proof")
    begun = begin_notice(cast)
    cast.finish(begun)
    for _ in range(2):
        look = cast.public("look_at_email_proof", token_hash=begun["token"])
        assert (look["outcome"], look["to_address"]) == ("open", cast.email)


def moved(cast: Cast) -> None:
    """An answer by a link that went to an address that is no longer the user's."""
    token = cast.ask(cast.invoice())
    cast.dba("update rubis.app_user set email = 'new@atelier.test' where user_id = %s", cast.user_id)
    assert cast.click(token, "pending") == "pending"


@pytest.mark.parametrize(
    "follows",
    [
        *(answered_in_the_app, contradicted, contradicted_after_the_app, late, settled),
        *(confirm_mode, followed, moved),
    ],
)
def test_what_a_program_does_proves_nothing(cast: Cast, follows: Callable[[Cast], None]) -> None:
    """It follows links; no answer that stands comes of it, or not at the user's address."""
    follows(cast)
    assert not is_proven(cast, timedelta(hours=2))


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_an_answer_by_link_proves_once_nothing_can_contradict_it(cast: Cast, answer: str) -> None:
    """Not at the click, but by the first tick after the window, which is told when to look."""
    cast.settings(contradiction_seconds=90, answer_receipts=False)
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, answer)
    assert not is_proven(cast, timedelta(0))
    cast.tick()
    assert cast.due_in() == 90
    assert not is_proven(cast, timedelta(seconds=90) - MICROSECOND)
    assert is_proven(cast, MICROSECOND)
    assert cast.task(invoice_id)["proof_due_at"] is None


def test_an_undone_answer_is_a_persons(cast: Cast) -> None:
    """The button that takes a link's answer back proves; nothing is left for the tick to prove."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "paid")
    assert cast.undo(token) == "undone"
    assert cast.task(invoice_id)["proof_due_at"] is None
    assert is_proven(cast, timedelta(0))


def test_a_proven_users_click_leaves_nothing_to_prove(cast: Cast) -> None:
    """So that a tick writes no check-in a second time."""
    cast.dba("update rubis.app_user set email_proven_at = rubis.clock()")
    invoice_id = cast.invoice()
    cast.click(cast.ask(invoice_id), "pending")
    assert cast.task(invoice_id)["proof_due_at"] is None


def test_no_more_answers_prove_at_once_than_the_limit(cast: Cast) -> None:
    """The next one goes on."""
    cast.settings(contradiction_seconds=3600)
    (colleague,) = cast.dba(
        "insert into rubis.app_user (organization_id, email, full_name, password_hash)"
        " select organization_id, 'colleague@atelier.test', 'Zoe', password_hash"
        " from rubis.app_user where user_id = %s returning user_id",
        cast.user_id,
    )
    mine, hers = cast.invoice(), cast.invoice()
    cast.update(hers, user_id=colleague["user_id"])
    for token in (cast.ask(mine), cast.ask(hers)):
        cast.click(token, "pending")
    cast.clock.advance(hours=2)
    count = "select count(*) from rubis.app_user where email_proven_at is not null"
    for proven in (1, 2):
        cast.dba("select rubis.prove_by_answers(%s, 1)", cast.organization_id)
        assert cast.session.value(count) == proven


def test_a_button_proves_the_address_its_mail_went_to(cast: Cast) -> None:
    """Not the one that the user has since: the old page has expired then."""
    cast.api("request_email_proof")
    begun = begin_notice(cast)
    cast.finish(begun)
    cast.dba("update rubis.app_user set email = 'new@atelier.test' where user_id = %s", cast.user_id)
    for function in ("look_at_email_proof", "prove_email"):
        assert cast.public(function, token_hash=begun["token"]) == {"outcome": "expired"}
    assert not is_proven(cast)
    cast.dba("update rubis.app_user set email = %s where user_id = %s", cast.email.upper(), cast.user_id)
    assert cast.public("prove_email", token_hash=begun["token"]) == {"outcome": "proven"}
    assert is_proven(cast)


@pytest.mark.parametrize("began", ["sending", "sent"])
def test_a_changed_address_gets_a_verification_mail_of_its_own(cast: Cast, began: str) -> None:
    """However short the time since the one to the old address; a second to the new one waits ten minutes."""
    count = "select count(*) from rubis.mail where user_id = %s and kind = 'verify_email'"

    def mails() -> int:
        cast.api("request_email_proof")
        counted: int = cast.session.value(count, [cast.user_id])
        return counted

    assert mails() == 1
    begun = begin_notice(cast)
    if began == "sent":
        cast.finish(begun)
    assert mails() == 1
    cast.dba("update rubis.app_user set email = 'new@atelier.test' where user_id = %s", cast.user_id)
    assert mails() == 2
    cast.finish(begin_notice(cast))
    assert mails() == 2
    cast.clock.advance(minutes=11)
    assert mails() == 3
