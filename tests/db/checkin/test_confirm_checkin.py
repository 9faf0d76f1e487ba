"""The buttons of a check-in's page: a person's answer, or a changed mind."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.support.cast import Cast
from tests.support.letters import ahead, receipt
from tests.support.line import Token

MICROSECOND = timedelta(microseconds=1)
OPPOSITE = {"paid": "pending", "pending": "paid"}
ANSWERS = list(OPPOSITE)
EARNED = {"paid": 1, "pending": 0}
"""The rubis of an answer."""


@pytest.mark.parametrize("click_mode", ["direct", "confirm"])
def test_a_paid_button_settles_the_invoice(cast: Cast, click_mode: str) -> None:
    """In either mode as by a link, but for how it was answered and when the receipt leaves."""
    cast.settings(click_mode=click_mode)
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.clock.advance(hours=1)
    assert cast.press(token, "paid") == "paid"
    (task,) = cast.rows("checkin_task", invoice_id)
    assert (task["status"], task["answer"], task["answered_via"]) == ("answered", "paid", "page")
    assert (task["contradicted_at"], task["undone_at"]) == (None, None)
    invoice = cast.row(invoice_id)
    assert (invoice["paid_via"], invoice["paid_at"]) == ("check-in", task["answered_at"])
    assert cast.rubis() == 1
    assert cast.events(invoice_id)[-1] == ("invoice_paid", "via check-in")
    assert ahead(cast, invoice_id) == {}
    assert task["receipt_at"] == cast.now()


@pytest.mark.parametrize("click_mode", ["direct", "confirm"])
def test_a_pending_button_lets_the_relances_run(cast: Cast, click_mode: str) -> None:
    """The check-in is answered, nothing else moves, and no receipt is sent."""
    cast.settings(click_mode=click_mode)
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    invoice, relance = cast.row(invoice_id), ahead(cast, invoice_id)
    assert cast.press(token, "pending") == "pending"
    task = cast.task(invoice_id)
    assert (task["status"], task["answer"], task["answered_via"]) == ("answered", "still_pending", "page")
    assert (cast.row(invoice_id), ahead(cast, invoice_id)) == (invoice, relance)
    assert cast.events(invoice_id)[-1] == ("checkin_answered", "still pending, via check-in")
    assert task["receipt_at"] is None


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_same_answer_after_its_link_is_a_persons(cast: Cast, answer: str) -> None:
    """Already answered; and from now on no link contradicts it, at the same instant either."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    assert cast.click(token, answer) == answer
    before = cast.recorded(invoice_id)
    assert cast.press(token, answer) == "already_answered"
    before["checkin_task"][0]["answered_via"] = "page"
    assert cast.recorded(invoice_id) == before
    assert [cast.click(token, link) for link in ANSWERS] == ["already_answered"] * 2
    assert cast.recorded(invoice_id) == before
    assert cast.undo(token) == "undone"


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_same_answer_again_changes_nothing(cast: Cast, answer: str) -> None:
    """A button pressed twice is already answered and changes nothing."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    assert cast.press(token, answer) == answer
    before = cast.effects(invoice_id)
    cast.clock.advance(seconds=1)
    assert [cast.press(token, answer), cast.press(token, answer)] == ["already_answered"] * 2
    assert cast.effects(invoice_id) == before


@pytest.mark.parametrize("via", ["link", "page"])
@pytest.mark.parametrize("first", ANSWERS)
def test_the_other_answer_changes_it(cast: Cast, first: str, via: str) -> None:
    """Undone first, and told so; then recorded again: rubis, relance and question agree."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    (cast.click if via == "link" else cast.press)(token, first)
    cast.clock.advance(days=2)
    assert cast.press(token, OPPOSITE[first]) == OPPOSITE[first]
    (task,) = cast.rows("checkin_task", invoice_id)
    assert (task["answered_via"], task["answered_at"], task["undone_at"]) == (
        "page",
        cast.now(),
        cast.now(),
    )
    assert task["answer"] == {"paid": "still_pending", "pending": "paid"}[first]
    assert cast.rubis() == EARNED[OPPOSITE[first]]
    assert cast.row(invoice_id)["status"] == {"paid": "open", "pending": "paid"}[first]
    assert bool(ahead(cast, invoice_id)) is (first == "paid")
    said = {"paid": "paid", "pending": "still pending"}[first]
    kinds = [kind for kind, _ in cast.events(invoice_id)]
    assert ("checkin_undone", f"{said} taken back, via page") in cast.events(invoice_id)
    assert kinds[-1] == {"paid": "checkin_answered", "pending": "invoice_paid"}[first]
    before = cast.effects(invoice_id)
    assert [cast.click(token, answer) for answer in ANSWERS] == ["confirm"] * 2
    assert cast.effects(invoice_id) == before


def test_a_mind_can_change_often(cast: Cast) -> None:
    """Each press counts; the rubis are never more than one, and every payment is taken back once."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    for number in range(6):
        answer = ANSWERS[number % 2]
        assert cast.press(token, answer) == answer
        assert cast.rubis() == EARNED[answer]
        cast.clock.advance(minutes=1)
    assert [row["delta"] for row in cast.rows("rubis_entry", invoice_id)] == [1, -1] * 3
    cast.clock.advance(hours=1)
    cast.tick()
    assert (cast.task(invoice_id)["receipt_at"], cast.notices("receipts")) == (None, [])


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize(("past", "changes"), [(-MICROSECOND, True), (0 * MICROSECOND, False)])
def test_an_answer_can_be_changed_for_14_days(
    cast: Cast, past: timedelta, first: str, *, changes: bool
) -> None:
    """An answer can be changed until the last microsecond of its 14 days."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.press(token, first)
    before = cast.effects(invoice_id)
    cast.clock.set(cast.now() + timedelta(days=14) + past)
    outcome = cast.press(token, OPPOSITE[first])
    assert outcome == (OPPOSITE[first] if changes else "already_answered")
    assert (cast.effects(invoice_id) == before) is not changes


@pytest.mark.parametrize(("past", "outcome"), [(-MICROSECOND, "answers"), (0 * MICROSECOND, "expired")])
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_unanswered_page_lives_24_h(cast: Cast, past: timedelta, outcome: str, answer: str) -> None:
    """As long as the links of its mail; after that paid asks again and pending changes nothing."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.clock.set(cast.now() + timedelta(hours=24) + past)
    before = cast.effects(invoice_id)
    assert cast.press(token, answer) == (answer if outcome == "answers" else "expired")
    assert (cast.effects(invoice_id) == before) is (outcome == "expired" and answer == "pending")
    assert cast.row(invoice_id)["status"] == ("paid" if (outcome, answer) == ("answers", "paid") else "open")


@pytest.mark.parametrize("status", ["paid", "cancelled"])
@pytest.mark.parametrize("asked", ["sending", "sent", "failed", "expired"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_settled_invoice_is_already_answered(cast: Cast, status: str, asked: str, answer: str) -> None:
    """Marked paid or cancelled meanwhile: the button learns so, and changes nothing."""
    invoice_id = cast.invoice()
    begun = cast.bring(invoice_id, asked)
    cast.update(invoice_id, status=status)
    before = cast.effects(invoice_id)
    assert cast.press(begun["token"], answer) == "already_answered"
    assert cast.effects(invoice_id) == before


def test_paid_by_hand_after_pending_stays(cast: Cast) -> None:
    """The answer of pending is not in force any more: neither button moves the payment."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.press(token, "pending")
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    before = cast.effects(invoice_id)
    assert [cast.press(token, answer) for answer in ANSWERS] == ["already_answered"] * 2
    assert cast.effects(invoice_id) == before


def test_an_answer_in_the_app_is_not_changed(cast: Cast) -> None:
    """What a signed-in user said is not for the holder of a link to change."""
    for answer in ANSWERS:
        invoice_id = cast.invoice()
        token = cast.ask(invoice_id)
        cast.api("answer_invoice_checkin", invoice_id=invoice_id, answer=answer)
        before = cast.effects(invoice_id)
        assert [cast.press(token, button) for button in ANSWERS] == ["already_answered"] * 2
        assert cast.undo(token) == "unchanged"
        assert cast.effects(invoice_id) == before


@pytest.mark.parametrize("answer", ANSWERS)
def test_old_facts_are_not_confirmed(cast: Cast, answer: str) -> None:
    """The amount has changed since: the answer to the old one does not stand, and is not changed."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.press(token, "pending")
    cast.update(invoice_id, amount_cents=7, due_on=date(2026, 4, 20))
    before = cast.effects(invoice_id)
    assert cast.press(token, answer) == "already_answered"
    assert cast.effects(invoice_id) == before


@pytest.mark.parametrize("token", [b"", b"\x00" * 32, b"\xff" * 33, None], ids=repr)
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_unknown_token_leaves_nothing(cast: Cast, token: bytes, answer: str) -> None:
    """A hash that no mail has is invalid, and leaves no trace."""
    invoice_id = cast.invoice()
    cast.ask(invoice_id)
    before = cast.effects(invoice_id)
    count = "select count(*) from rubis.checkin_click"
    clicks = cast.session.value(count)
    assert cast.press(token, answer) == "invalid"
    assert cast.effects(invoice_id) == before
    assert cast.session.value(count) == clicks


@pytest.mark.parametrize("answer", [None, "", "PAID", "still_pending", "undo"])
def test_another_answer_is_refused(cast: Cast, answer: str) -> None:
    """An answer other than paid or pending is refused, with a known token or without."""
    token = cast.ask(cast.invoice())
    for known in (token, b""):
        with cast.raises("RB422", "checkin__answer", "answer"):
            cast.press(known, answer)
    assert cast.clicks(token) == []


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_receipt_answers_nothing(cast: Cast, answer: str) -> None:
    """Its token is one that undoes: as a link and as a button it is invalid, and leaves no click."""
    invoice_id = cast.invoice()
    cast.click(cast.ask(invoice_id), "paid")
    token = receipt(cast)
    before = cast.effects(invoice_id)
    assert [cast.press(token, answer), cast.click(token, answer)] == ["invalid", "invalid"]
    assert cast.effects(invoice_id) == before
    assert cast.clicks(token) == []


def test_every_press_is_kept(cast: Cast) -> None:
    """One row each, told from the links' clicks, with what it led to and by what browser."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.press(token, "paid", "é" * 600)
    cast.press(token, "paid", None)
    cast.press(token, "pending", "")
    cast.undo(token, "Firefox")
    cast.undo(token, "Firefox")
    kept = [
        (click["via"], click["answer"], click["outcome"], click["user_agent"]) for click in cast.clicks(token)
    ]
    assert kept == [
        ("page", "paid", "paid", "é" * 500),
        ("page", "paid", "already_answered", None),
        ("page", "pending", "pending", ""),
        ("page", None, "undone", "Firefox"),
        ("page", None, "unchanged", "Firefox"),
    ]


def open_page(cast: Cast) -> Token:
    """The page of a question just asked."""
    return cast.ask(cast.invoice())


def answered_page(cast: Cast) -> Token:
    """The same, answered."""
    token = open_page(cast)
    cast.press(token, "paid")
    return token


def expired_page(cast: Cast) -> Token:
    """The page of a question asked 25 hours ago."""
    token = open_page(cast)
    cast.clock.advance(hours=25)
    return token


def receipts_page(cast: Cast) -> Token:
    """The page of a receipt."""
    answered_page(cast)
    return receipt(cast)


@pytest.mark.parametrize(
    ("page", "press", "outcome"),
    [
        (open_page, Cast.press, "paid"),
        (expired_page, Cast.press, "expired"),
        (answered_page, Cast.press, "already_answered"),
        (answered_page, Cast.undo, "undone"),
        (open_page, Cast.undo, "unchanged"),
        (receipts_page, Cast.undo, "undone"),
    ],
)
@pytest.mark.parametrize(("changed", "proven"), [(True, False), (False, True)])
def test_any_press_proves_the_address(
    cast: Cast,
    page: Callable[[Cast], Token],
    press: Callable[[Cast, bytes], str],
    outcome: str,
    *,
    changed: bool,
    proven: bool,
) -> None:
    """Who has the page reads that mailbox; an address changed since is not proven by it."""
    token = page(cast)
    cast.dba(
        "update rubis.app_user set email = %s, email_proven_at = null where user_id = %s",
        "new@atelier.test" if changed else cast.email.upper(),
        cast.user_id,
    )
    assert press(cast, token) == outcome
    now_proven = "select email_proven_at is not null from rubis.app_user where user_id = %s"
    assert cast.session.value(now_proven, [cast.user_id]) is proven
