"""The button that takes an answer back, with what it did and only that."""

from datetime import date, timedelta

import pytest

from tests.support.cast import Cast
from tests.support.letters import (
    ahead,
    begin_letter,
    calendar,
    queued_letter,
    receipt,
    send_letter,
    sending_letter,
    until_queued,
)

MICROSECOND = timedelta(microseconds=1)
ANSWERS = ["paid", "pending"]
PLAN = ("step", "tone", "days_after_due", "scheduled_at", "status", "hold_reason")
SAID = {"paid": "paid", "pending": "still pending"}


def plan(cast: Cast, invoice_id: int) -> dict[str, object]:
    """What the relance ahead is and when it leaves."""
    relance = ahead(cast, invoice_id)
    return {name: relance.get(name) for name in PLAN}


def answered(cast: Cast, invoice_id: int, answer: str = "paid", via: str = "link") -> bytes:
    """Ask and answer; returns the token."""
    token = cast.ask(invoice_id)
    assert (cast.click if via == "link" else cast.press)(token, answer) == answer
    return token


@pytest.mark.parametrize("via", ["link", "page"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_undo_leaves_all_as_before_the_answer(cast: Cast, answer: str, via: str) -> None:
    """The question is open again; invoice, rubis and relance are as they were; the history tells of both."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    asked, invoice, planned = cast.task(invoice_id), cast.row(invoice_id), plan(cast, invoice_id)
    (cast.click if via == "link" else cast.press)(token, answer)
    cast.clock.advance(hours=2)
    assert cast.undo(token) == "undone"
    assert cast.rows("checkin_task", invoice_id) == [asked | {"undone_at": cast.now()}]
    row = cast.row(invoice_id) | {"doubted_at": None}
    assert (row, plan(cast, invoice_id), cast.rubis()) == (invoice, planned, 0)
    assert cast.events(invoice_id)[-1] == ("checkin_undone", f"{SAID[answer]} taken back, via page")
    assert cast.rows("activity_event", invoice_id)[-1]["checkin_task_id"] == asked["checkin_task_id"]
    assert [cast.click(token, button) for button in ANSWERS] == ["confirm"] * 2
    assert cast.press(token, answer) == answer


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_second_undo_changes_nothing(cast: Cast, answer: str) -> None:
    """The second press finds nothing to take back."""
    invoice_id = cast.invoice()
    token = answered(cast, invoice_id, answer)
    assert cast.undo(token) == "undone"
    before = cast.effects(invoice_id)
    assert [cast.undo(token), cast.undo(token)] == ["unchanged"] * 2
    assert cast.effects(invoice_id) == before


@pytest.mark.parametrize("status", ["sending", "sent", "failed", "expired"])
def test_an_undo_without_an_answer_changes_nothing(cast: Cast, status: str) -> None:
    """An undo of a check-in that is being mailed, open, failed or expired changes nothing."""
    invoice_id = cast.invoice()
    begun = cast.bring(invoice_id, status)
    before = cast.effects(invoice_id)
    assert cast.undo(begun["token"]) == "unchanged"
    assert cast.effects(invoice_id) == before


@pytest.mark.parametrize("by", ["page", "receipt"])
@pytest.mark.parametrize(("past", "outcome"), [(-MICROSECOND, "undone"), (0 * MICROSECOND, "unchanged")])
def test_an_answer_can_be_undone_for_14_days(cast: Cast, past: timedelta, outcome: str, by: str) -> None:
    """An answer can be undone until the last microsecond of its 14 days, by page and by receipt."""
    invoice_id = cast.invoice()
    token = answered(cast, invoice_id)
    answered_at = cast.now()
    if by == "receipt":
        token = receipt(cast)
    cast.clock.set(answered_at + timedelta(days=14) + past)
    assert cast.undo(token) == outcome
    assert cast.row(invoice_id)["status"] == ("open" if outcome == "undone" else "paid")


@pytest.mark.parametrize("answer", ANSWERS)
def test_once_its_24_h_are_over_the_question_expires(cast: Cast, answer: str) -> None:
    """Undone days later, it is open until the next tick, which ends it; the relance then runs its course."""
    calendar(cast)
    invoice_id = cast.invoice()
    token = answered(cast, invoice_id, answer)
    cast.clock.advance(hours=30)
    assert cast.undo(token) == "undone"
    assert cast.task(invoice_id)["status"] == "sent"
    assert cast.press(token, "pending") == "expired"
    cast.tick()
    assert cast.task(invoice_id)["status"] == "expired"
    assert cast.events(invoice_id)[-1] == ("checkin_expired", None)
    assert send_letter(cast, invoice_id)["step"] == 1
    assert cast.session.rows("select * from audit.rule_relance_owner_asked") == []


@pytest.mark.parametrize("by", ["page", "receipt"])
def test_a_payment_noted_by_hand_stays(cast: Cast, by: str) -> None:
    """Reopened in the app and marked paid there: not this answer's payment any more."""
    invoice_id = cast.invoice()
    token = answered(cast, invoice_id)
    if by == "receipt":
        token = receipt(cast)
    cast.api("reopen_invoice", invoice_id=invoice_id, reason=None)
    assert cast.undo(token) == "unchanged"
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    before = cast.effects(invoice_id)
    assert cast.undo(token) == "unchanged"
    assert cast.effects(invoice_id) == before
    assert cast.rubis() == 1


@pytest.mark.parametrize("act", ["mark_invoice_paid", "cancel_invoice", "ask_checkin_again"])
def test_an_undo_keeps_what_the_user_did_since(cast: Cast, act: str) -> None:
    """Paid, cancelled or asked again in the app since: nothing to undo."""
    invoice_id = cast.invoice()
    token = answered(cast, invoice_id, "pending")
    cast.api(act, invoice_id=invoice_id)
    before = cast.effects(invoice_id)
    assert cast.undo(token) == "unchanged"
    assert cast.effects(invoice_id) == before


def test_a_newer_question_keeps_the_older_answer(cast: Cast) -> None:
    """Changed facts are asked about again: what was said about the old ones is history."""
    invoice_id = cast.invoice()
    token = answered(cast, invoice_id, "pending")
    cast.update(invoice_id, amount_cents=7)
    before = cast.effects(invoice_id)
    assert cast.undo(token) == "unchanged"
    assert cast.effects(invoice_id) == before


def test_before_the_due_date_the_question_that_followed_goes_too(cast: Cast) -> None:
    """It was never asked, and comes again with the next answer; once begun it keeps the answer."""
    invoice_id = cast.invoice(due_on=date(2026, 3, 10))
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    early = cast.ask(invoice_id)
    tasks = cast.rows("checkin_task", invoice_id)
    cast.click(early, "pending")
    assert cast.undo(early) == "undone"
    assert cast.rows("checkin_task", invoice_id) == [*tasks[:-1], tasks[-1] | {"undone_at": cast.now()}]
    cast.press(early, "pending")
    cast.bring(invoice_id, "sending")
    before = cast.effects(invoice_id)
    assert cast.undo(early) == "unchanged"
    assert cast.press(early, "paid") == "already_answered"
    assert cast.effects(invoice_id) == before


@pytest.mark.parametrize("early", [False, True])
def test_a_receipt_undoes_its_answer(cast: Cast, *, early: bool) -> None:
    """The same by the receipt's own token, the history says so; and before the due date too."""
    invoice_id = cast.invoice()
    if early:
        cast.api("ask_checkin_again", invoice_id=invoice_id)
    token = cast.ask(invoice_id)
    invoice, planned = cast.row(invoice_id), plan(cast, invoice_id)
    cast.click(token, "paid")
    undoes = receipt(cast)
    assert cast.undo(undoes) == "undone"
    row = cast.row(invoice_id) | {"doubted_at": None}
    assert (row, plan(cast, invoice_id), cast.rubis()) == (invoice, planned, 0)
    assert cast.events(invoice_id)[-1] == ("checkin_undone", "paid taken back, via receipt")
    (click,) = cast.clicks(undoes)
    assert (click["via"], click["answer"], click["outcome"]) == ("page", None, "undone")
    assert cast.undo(undoes) == "unchanged"
    assert cast.click(token, "paid") == "confirm"


def test_a_receipt_undoes_its_own_answer_only(cast: Cast) -> None:
    """Undone and paid again by a button: the first receipt is worth nothing, the second undoes."""
    invoice_id = cast.invoice()
    token = answered(cast, invoice_id)
    first = receipt(cast)
    assert cast.undo(first) == "undone"
    cast.clock.advance(minutes=1)
    cast.press(token, "paid")
    second = receipt(cast)
    before = cast.effects(invoice_id)
    assert cast.undo(first) == "unchanged"
    assert cast.effects(invoice_id) == before
    assert cast.undo(second) == "undone"


def test_a_receipt_of_an_older_question_undoes_nothing(cast: Cast) -> None:
    """Reopened, asked again and paid by the new mail: the old receipt is about another answer."""
    invoice_id = cast.invoice()
    answered(cast, invoice_id)
    old = receipt(cast)
    cast.api("reopen_invoice", invoice_id=invoice_id, reason=None)
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    answered(cast, invoice_id)
    before = cast.effects(invoice_id)
    assert cast.undo(old) == "unchanged"
    assert cast.effects(invoice_id) == before


def test_both_mails_of_a_question_undo(cast: Cast) -> None:
    """Whichever mail it was answered by, the page of either takes it back."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.fail(begun, "unknown")
    second = cast.ask(invoice_id)
    cast.click(second, "paid")
    assert cast.undo(begun["token"]) == "undone"
    assert cast.row(invoice_id)["status"] == "open"


def test_letters_sent_meanwhile_stay_sent(cast: Cast) -> None:
    """Pending, a letter left, undone: its step is not sent again, and no rule is broken by the past."""
    calendar(cast)
    invoice_id = cast.invoice()
    token = answered(cast, invoice_id, "pending")
    letter = send_letter(cast, invoice_id)
    cast.clock.advance(hours=1)
    assert cast.undo(token) == "undone"
    assert ahead(cast, invoice_id)["step"] == letter["step"] + 1
    for rule in ("relance_owner_asked", "relance_step_once", "relance_spacing"):
        assert cast.session.rows(f"select * from audit.rule_{rule}") == []
    cast.clock.advance(hours=1)
    cast.dba(
        "with mail as ("
        " insert into rubis.mail (organization_id, kind, client_id, address_key, next_attempt_at)"
        " select organization_id, 'letter', client_id, 'a@b.test', rubis.clock() from rubis.relance"
        " where relance_id = %(id)s returning *), attempt as ("
        " insert into rubis.mail_attempt (organization_id, mail_id, attempt, to_address, message_id)"
        " select organization_id, mail_id, 1, 'a@b.test', '<1@b.test>' from mail returning *)"
        " insert into rubis.mail_item (organization_id, mail_id, attempt, position, invoice_id, relance_id,"
        " word_at, word_age_days, word_valid_days)"
        " select a.organization_id, a.mail_id, 1, 1, r.invoice_id, r.relance_id, rubis.clock(), 0, 7"
        " from attempt as a join rubis.relance as r using (organization_id) where relance_id = %(id)s",
        id=ahead(cast, invoice_id)["relance_id"],
    )
    assert len(cast.session.rows("select * from audit.rule_relance_owner_asked")) == 1


@pytest.mark.parametrize("is_begun", [True, False])
def test_a_letter_under_way_leaves(cast: Cast, *, is_begun: bool) -> None:
    """It cannot be called back; one that is only queued is held for the question that is open again."""
    calendar(cast)
    cast.settings(relance_time="23:00", checkin_time="00:00")
    invoice_id = cast.invoice(due_on=date(2026, 3, 16))
    token = answered(cast, invoice_id, "pending")
    if is_begun:
        sending_letter(cast, invoice_id)
        assert cast.undo(token) == "undone"
        assert ahead(cast, invoice_id)["status"] == "sending"
    else:
        until_queued(cast, invoice_id)
        assert queued_letter(cast, invoice_id) is not None
        assert cast.undo(token) == "undone"
        assert begin_letter(cast, invoice_id)["skip_reason"] is not None
        assert ahead(cast, invoice_id)["status"] in ("held", "scheduled")
        assert cast.letters(invoice_id) == []


@pytest.mark.parametrize("token", [b"", b"\x00" * 32, b"\xff" * 33, None], ids=repr)
def test_an_unknown_token_leaves_nothing(cast: Cast, token: bytes) -> None:
    """An undo with an unknown token is invalid and leaves no click."""
    answered(cast, cast.invoice())
    count = "select count(*) from rubis.checkin_click"
    clicks = cast.session.value(count)
    assert cast.undo(token) == "invalid"
    assert cast.session.value(count) == clicks


@pytest.mark.parametrize("by", ["page", "receipt"])
def test_the_auditor_sees_who_had_answered(cast: Cast, by: str) -> None:
    """audit.undone_answers: what was taken back, and the click that had given it."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "paid", "SafeLinks")
    answered_at = cast.now()
    undoes = receipt(cast) if by == "receipt" else token
    cast.clock.advance(hours=1)
    cast.undo(undoes)
    with cast.session.acting_as("rubis_auditor"):
        row = cast.session.row(
            "select * from audit.undone_answers where organization_id = %s", [cast.organization_id]
        )
    assert (row["invoice_id"], row["what"], row["undone_at"]) == (
        invoice_id,
        f"paid taken back, via {by}",
        cast.now(),
    )
    assert (row["answered_at"], row["answered_via"], row["answered_user_agent"]) == (
        answered_at,
        "link",
        "SafeLinks",
    )
    assert (row["status_now"], row["answer_now"]) == ("sent", None)
