"""The button that takes an answer back, with what it did and only that."""

from datetime import date, timedelta

import pytest

from tests.support.letters import (
    ahead,
    begin_letter,
    calendar,
    receipt,
    send_letter,
    sending_letter,
    until_due,
)
from tests.support.story import Story

MICROSECOND = timedelta(microseconds=1)
ANSWERS = ["paid", "pending"]
PLAN = ("step", "tone", "days_after_due", "scheduled_at", "next_attempt_at", "status", "hold_reason")
SAID = {"paid": "paid", "pending": "still pending"}


def plan(story: Story, invoice_id: int) -> dict[str, object]:
    """What the relance ahead is and when it leaves."""
    relance = ahead(story, invoice_id)
    return {name: relance.get(name) for name in PLAN}


def answered(story: Story, invoice_id: int, answer: str = "paid", via: str = "link") -> bytes:
    """Ask and answer; returns the token."""
    token = story.ask(invoice_id)
    assert (story.click if via == "link" else story.press)(token, answer) == answer
    return token


@pytest.mark.parametrize("via", ["link", "page"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_it_is_as_before_the_answer(story: Story, answer: str, via: str) -> None:
    """The question is open again; invoice, rubis and relance are as they were; the history tells of both."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    asked, invoice, planned = story.task(invoice_id), story.row(invoice_id), plan(story, invoice_id)
    (story.click if via == "link" else story.press)(token, answer)
    story.session.clock.advance(hours=2)
    assert story.undo(token) == "undone"
    assert story.rows("checkin_task", invoice_id) == [asked | {"undone_at": story.now()}]
    assert (story.row(invoice_id), plan(story, invoice_id), story.rubis()) == (invoice, planned, 0)
    assert story.events(invoice_id)[-1] == ("checkin_undone", f"{SAID[answer]} taken back, via page")
    assert story.rows("activity_event", invoice_id)[-1]["checkin_task_id"] == asked["checkin_task_id"]
    assert [story.click(token, button) for button in ANSWERS] == ["confirm"] * 2
    assert story.press(token, answer) == answer


@pytest.mark.parametrize("answer", ANSWERS)
def test_twice_is_once(story: Story, answer: str) -> None:
    """The second press finds nothing to take back."""
    invoice_id = story.invoice()
    token = answered(story, invoice_id, answer)
    assert story.undo(token) == "undone"
    before = story.effects(invoice_id)
    assert [story.undo(token), story.undo(token)] == ["unchanged"] * 2
    assert story.effects(invoice_id) == before


def test_without_an_answer_nothing_is_undone(story: Story) -> None:
    """Asked, failed, expired, cancelled: unchanged."""
    for status in ("sending", "sent", "failed", "expired"):
        invoice_id = story.invoice()
        begun = story.bring(invoice_id, status)
        before = story.effects(invoice_id)
        assert story.undo(begun["token"]) == "unchanged"
        assert story.effects(invoice_id) == before


@pytest.mark.parametrize("by", ["page", "receipt"])
@pytest.mark.parametrize(("past", "outcome"), [(-MICROSECOND, "undone"), (0 * MICROSECOND, "unchanged")])
def test_for_14_days(story: Story, past: timedelta, outcome: str, by: str) -> None:
    """From the answer, less a microsecond, by the page and by the receipt."""
    invoice_id = story.invoice()
    token = answered(story, invoice_id)
    answered_at = story.now()
    if by == "receipt":
        token = receipt(story)
    story.session.clock.set(answered_at + timedelta(days=14) + past)
    assert story.undo(token) == outcome
    assert story.row(invoice_id)["status"] == ("open" if outcome == "undone" else "paid")


@pytest.mark.parametrize("answer", ANSWERS)
def test_once_its_24_h_are_over_the_question_expires(story: Story, answer: str) -> None:
    """Undone days later, it is open until the next tick, which ends it; the relance then runs its course."""
    calendar(story)
    invoice_id = story.invoice()
    token = answered(story, invoice_id, answer)
    story.session.clock.advance(hours=30)
    assert story.undo(token) == "undone"
    assert story.task(invoice_id)["status"] == "sent"
    assert story.press(token, "pending") == "expired"
    story.tick()
    assert story.task(invoice_id)["status"] == "expired"
    assert story.events(invoice_id)[-1] == ("checkin_expired", None)
    assert send_letter(story, invoice_id)["step"] == 1
    assert story.session.rows("select * from audit.rule_relance_owner_asked") == []


@pytest.mark.parametrize("by", ["page", "receipt"])
def test_a_payment_noted_by_hand_stays(story: Story, by: str) -> None:
    """Reopened in the app and marked paid there: not this answer's payment any more."""
    invoice_id = story.invoice()
    token = answered(story, invoice_id)
    if by == "receipt":
        token = receipt(story)
    story.api("reopen_invoice", invoice_id=invoice_id, reason=None)
    assert story.undo(token) == "unchanged"
    story.api("mark_invoice_paid", invoice_id=invoice_id)
    before = story.effects(invoice_id)
    assert story.undo(token) == "unchanged"
    assert story.effects(invoice_id) == before
    assert story.rubis() == 1


@pytest.mark.parametrize("act", ["mark_invoice_paid", "cancel_invoice", "ask_checkin_again"])
def test_after_pending_what_its_user_did_stays(story: Story, act: str) -> None:
    """Paid, cancelled or asked again in the app since: nothing to undo."""
    invoice_id = story.invoice()
    token = answered(story, invoice_id, "pending")
    story.api(act, invoice_id=invoice_id)
    before = story.effects(invoice_id)
    assert story.undo(token) == "unchanged"
    assert story.effects(invoice_id) == before


def test_a_newer_question_keeps_the_older_answer(story: Story) -> None:
    """Changed facts are asked about anew: what was said about the old ones is history."""
    invoice_id = story.invoice()
    token = answered(story, invoice_id, "pending")
    story.update(invoice_id, amount_cents=7)
    before = story.effects(invoice_id)
    assert story.undo(token) == "unchanged"
    assert story.effects(invoice_id) == before


def test_before_the_due_date_the_question_that_followed_goes_too(story: Story) -> None:
    """It was never asked, and comes again with the next answer; once begun it keeps the answer."""
    invoice_id = story.invoice()
    story.api("ask_checkin_again", invoice_id=invoice_id)
    early = story.ask(invoice_id)
    tasks = story.rows("checkin_task", invoice_id)
    story.click(early, "pending")
    assert story.undo(early) == "undone"
    assert story.rows("checkin_task", invoice_id) == [*tasks[:-1], tasks[-1] | {"undone_at": story.now()}]
    story.press(early, "pending")
    story.bring(invoice_id, "queued")
    before = story.effects(invoice_id)
    assert story.undo(early) == "unchanged"
    assert story.press(early, "paid") == "already_answered"
    assert story.effects(invoice_id) == before


@pytest.mark.parametrize("early", [False, True])
def test_by_its_receipt(story: Story, *, early: bool) -> None:
    """The same by the receipt's own token, the history says so; and before the due date too."""
    invoice_id = story.invoice()
    if early:
        story.api("ask_checkin_again", invoice_id=invoice_id)
    token = story.ask(invoice_id)
    invoice, planned = story.row(invoice_id), plan(story, invoice_id)
    story.click(token, "paid")
    undoes = receipt(story)
    assert story.undo(undoes) == "undone"
    assert (story.row(invoice_id), plan(story, invoice_id), story.rubis()) == (invoice, planned, 0)
    assert story.events(invoice_id)[-1] == ("checkin_undone", "paid taken back, via receipt")
    (click,) = story.clicks(undoes)
    assert (click["via"], click["answer"], click["outcome"], click["checkin_mail_id"]) == (
        "page",
        None,
        "undone",
        None,
    )
    assert story.undo(undoes) == "unchanged"
    assert story.click(token, "paid") == "confirm"


def test_a_receipt_undoes_its_own_answer_only(story: Story) -> None:
    """Undone and paid again by a button: the first receipt is worth nothing, the second undoes."""
    invoice_id = story.invoice()
    token = answered(story, invoice_id)
    first = receipt(story)
    assert story.undo(first) == "undone"
    story.session.clock.advance(minutes=1)
    story.press(token, "paid")
    second = receipt(story)
    before = story.effects(invoice_id)
    assert story.undo(first) == "unchanged"
    assert story.effects(invoice_id) == before
    assert story.undo(second) == "undone"


def test_a_receipt_of_an_older_question_undoes_nothing(story: Story) -> None:
    """Reopened, asked again and paid by the new mail: the old receipt is about another answer."""
    invoice_id = story.invoice()
    answered(story, invoice_id)
    old = receipt(story)
    story.api("reopen_invoice", invoice_id=invoice_id, reason=None)
    story.api("ask_checkin_again", invoice_id=invoice_id)
    answered(story, invoice_id)
    before = story.effects(invoice_id)
    assert story.undo(old) == "unchanged"
    assert story.effects(invoice_id) == before


def test_both_mails_of_a_question_undo(story: Story) -> None:
    """Whichever mail it was answered by, the page of either takes it back."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    story.fail(begun, "unknown")
    second = story.ask(invoice_id)
    story.click(second, "paid")
    assert story.undo(begun["token"]) == "undone"
    assert story.row(invoice_id)["status"] == "open"


def test_letters_sent_meanwhile_stay_sent(story: Story) -> None:
    """Pending, a letter left, undone: its step is not sent again, and no rule is broken by the past."""
    calendar(story)
    invoice_id = story.invoice()
    token = answered(story, invoice_id, "pending")
    letter = send_letter(story, invoice_id)
    story.session.clock.advance(hours=1)
    assert story.undo(token) == "undone"
    assert ahead(story, invoice_id)["step"] == letter["step"] + 1
    for rule in ("relance_owner_asked", "relance_step_once", "relance_spacing"):
        assert story.session.rows(f"select * from audit.rule_{rule}") == []
    story.session.clock.advance(hours=1)
    story.dba(
        "insert into rubis.relance_mail (organization_id, relance_id, invoice_id, to_address, message_id)"
        " select organization_id, relance_id, invoice_id, 'a@b.test', '<1@b.test>' from rubis.relance"
        " where relance_id = %s",
        ahead(story, invoice_id)["relance_id"],
    )
    assert len(story.session.rows("select * from audit.rule_relance_owner_asked")) == 1


def test_a_letter_under_way_leaves(story: Story) -> None:
    """It cannot be called back; one that is only queued is held for the question that is open again."""
    calendar(story)
    story.settings(relance_time="23:00", checkin_time="00:00")
    for begun in (True, False):
        invoice_id = story.invoice(due_on=date(2026, 3, 16))
        token = answered(story, invoice_id, "pending")
        if begun:
            sending_letter(story, invoice_id)
            assert story.undo(token) == "undone"
            assert ahead(story, invoice_id)["status"] == "sending"
        else:
            relance = until_due(story, invoice_id)
            assert story.undo(token) == "undone"
            assert begin_letter(story, relance["relance_id"])["skip_reason"] is not None
            assert ahead(story, invoice_id)["status"] in ("held", "scheduled")


@pytest.mark.parametrize("token", [b"", b"\x00" * 32, b"\xff" * 33, None], ids=repr)
def test_an_unknown_token_leaves_nothing(story: Story, token: bytes) -> None:
    """Invalid, and no click."""
    answered(story, story.invoice())
    count = "select count(*) from rubis.checkin_click"
    clicks = story.session.value(count)
    assert story.undo(token) == "invalid"
    assert story.session.value(count) == clicks


@pytest.mark.parametrize("by", ["page", "receipt"])
def test_the_auditor_sees_who_had_answered(story: Story, by: str) -> None:
    """audit.undone_answers: what was taken back, and the click that had given it."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.click(token, "paid", "SafeLinks")
    answered_at = story.now()
    undoes = receipt(story) if by == "receipt" else token
    story.session.clock.advance(hours=1)
    story.undo(undoes)
    with story.session.acting_as("rubis_auditor"):
        row = story.session.row(
            "select * from audit.undone_answers where organization_id = %s", [story.organization_id]
        )
    assert (row["invoice_id"], row["what"], row["undone_at"]) == (
        invoice_id,
        f"paid taken back, via {by}",
        story.now(),
    )
    assert (row["answered_at"], row["answered_via"], row["answered_user_agent"]) == (
        answered_at,
        "link",
        "SafeLinks",
    )
    assert (row["status_now"], row["answer_now"]) == ("sent", None)
