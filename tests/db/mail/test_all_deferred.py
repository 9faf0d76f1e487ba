"""The mail server puts every mail off: that is the operator's to mend, and nothing fails for it."""

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.letters import (
    accept_another,
    ahead,
    begin_notice,
    calendar,
    fail_letter,
    pending,
    proven,
    sending_letter,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def put_off(cast: Cast, invoice_id: int, times: int = 12) -> None:
    """Let the question of an invoice be put off so often, six hours apart."""
    for _ in range(times):
        cast.fail(cast.sending(invoice_id), "temporary", "451 try again later")
        cast.clock.advance(hours=6)


@pytest.mark.parametrize("failure_class", ["temporary", "unknown"])
def test_a_question_fails_only_if_another_mail_was_accepted(cast: Cast, failure_class: str) -> None:
    """Tried for three days it is scheduled still; the next try after an acceptance is its last."""
    proven(cast)
    invoice_id = cast.invoice()
    for _ in range(12):
        cast.fail(cast.sending(invoice_id), failure_class)
        cast.clock.advance(hours=6)
    assert cast.task(invoice_id)["status"] == "scheduled"
    assert cast.kinds(invoice_id) == ["invoice_created"]
    accept_another(cast)
    cast.fail(cast.sending(invoice_id), failure_class)
    assert cast.task(invoice_id)["status"] == "failed"


def test_an_acceptance_before_the_first_try_says_nothing(cast: Cast) -> None:
    """Mail left until the trouble began: the question goes on being tried."""
    accept_another(cast)
    invoice_id = cast.invoice()
    put_off(cast, invoice_id)
    assert cast.task(invoice_id)["status"] == "scheduled"
    assert cast.click(cast.ask(invoice_id)) == "paid"


def test_a_letter_fails_only_if_another_mail_was_accepted(cast: Cast) -> None:
    """A relance is tried for as long as every mail is put off."""
    calendar(cast)
    proven(cast)
    invoice_id = pending(cast)
    for _ in range(12):
        fail_letter(cast, sending_letter(cast, invoice_id), "temporary")
        cast.clock.advance(hours=6)
    assert ahead(cast, invoice_id)["status"] == "scheduled"
    fail_letter(cast, sending_letter(cast, invoice_id), "temporary")
    accept_another(cast)
    fail_letter(cast, sending_letter(cast, invoice_id), "temporary")
    assert ahead(cast, invoice_id) == {}


def test_a_notice_fails_only_if_another_mail_was_accepted(cast: Cast) -> None:
    """The proof of an address is tried for as long as every mail is put off."""
    cast.api("request_email_proof")
    for _ in range(12):
        cast.fail(begin_notice(cast), "temporary")
        cast.clock.advance(hours=6)
    assert cast.notices("verify_email")[0]["status"] == "scheduled"
    accept_another(cast)
    cast.fail(begin_notice(cast), "temporary")
    assert cast.notices("verify_email")[0]["status"] == "failed"


def test_readiness_is_degraded_after_an_hour_without_an_acceptance(cast: Cast) -> None:
    """Since the first mail that was put off and waits; a mail that is accepted ends it."""
    invoice_id = cast.invoice()
    cast.fail(cast.sending(invoice_id), "temporary")
    since = cast.now()
    cast.clock.advance(minutes=59)
    assert cast.public("readiness")["mail"]["ok"] is True
    cast.clock.set(since + HOUR)
    mail = cast.public("readiness")["mail"]
    assert (mail["ok"], mail["deferred_since"]) == (False, since.isoformat())
    assert cast.public("readiness")["status"] == "degraded"
    assert cast.public("measure_flow")["mail_ok"] is False
    accept_another(cast)
    assert cast.public("readiness")["mail"]["ok"] is True


def test_a_mail_that_has_ended_does_not_degrade_readiness(cast: Cast) -> None:
    """Its invoice was paid, so it waits for nothing: only a mail on its way says that mail is put off."""
    invoice_id = cast.invoice()
    cast.fail(cast.sending(invoice_id), "temporary")
    cast.clock.advance(hours=1)
    assert cast.public("readiness")["mail"]["ok"] is False
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    cast.tick()
    for mail in cast.notices("questions"):
        if mail["status"] == "queued":
            cast.begin_mail(mail["mail_id"])
    assert [mail["status"] for mail in cast.notices("questions")] == ["cancelled"]
    assert cast.public("readiness")["mail"]["ok"] is True


def test_the_view_of_stuck_mail_says_that_nothing_fails(cast: Cast) -> None:
    """audit.stuck_mail tells a DBA what to do if no mail at all is accepted."""
    cast.fail(cast.sending(cast.invoice()), "temporary")
    (row,) = cast.session.rows("select what_to_do from audit.stuck_mail")
    assert "nothing fails: ask the provider" in row["what_to_do"]
