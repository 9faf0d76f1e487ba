"""The buttons of a check-in's page: a person's answer, or a changed mind."""

from datetime import date, timedelta

import pytest

from tests.support.letters import ahead, receipt
from tests.support.story import Story

MICROSECOND = timedelta(microseconds=1)
OPPOSITE = {"paid": "pending", "pending": "paid"}
ANSWERS = list(OPPOSITE)


@pytest.mark.parametrize("click_mode", ["direct", "confirm"])
def test_paid_settles(story: Story, click_mode: str) -> None:
    """In either mode as by a link, but for how it was answered and when the receipt leaves."""
    story.settings(click_mode=click_mode)
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.session.clock.advance(hours=1)
    assert story.press(token, "paid") == "paid"
    (task,) = story.rows("checkin_task", invoice_id)
    assert (task["status"], task["answer"], task["answered_via"]) == ("answered", "paid", "page")
    assert (task["contradicted_at"], task["undone_at"]) == (None, None)
    invoice = story.row(invoice_id)
    assert (invoice["paid_via"], invoice["paid_at"]) == ("check-in", task["answered_at"])
    assert story.rubis() == 1
    assert story.events(invoice_id)[-1] == ("invoice_paid", "via check-in")
    assert ahead(story, invoice_id) == {}
    (mail,) = story.receipts(invoice_id)
    assert mail["next_attempt_at"] == story.now()


@pytest.mark.parametrize("click_mode", ["direct", "confirm"])
def test_pending_lets_the_relances_run(story: Story, click_mode: str) -> None:
    """The check-in is answered, nothing else moves, and no receipt is sent."""
    story.settings(click_mode=click_mode)
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    invoice, relance = story.row(invoice_id), ahead(story, invoice_id)
    assert story.press(token, "pending") == "pending"
    task = story.task(invoice_id)
    assert (task["status"], task["answer"], task["answered_via"]) == ("answered", "still_pending", "page")
    assert (story.row(invoice_id), ahead(story, invoice_id)) == (invoice, relance)
    assert story.events(invoice_id)[-1] == ("checkin_answered", "still pending, via check-in")
    assert story.receipts(invoice_id) == []


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_same_answer_after_its_link_is_a_persons(story: Story, answer: str) -> None:
    """Already answered; and from now on no link contradicts it, at the same instant either."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    assert story.click(token, answer) == answer
    before = story.effects(invoice_id)
    assert story.press(token, answer) == "already_answered"
    before["checkin_task"][0]["answered_via"] = "page"
    assert story.effects(invoice_id) == before
    assert [story.click(token, link) for link in ANSWERS] == ["already_answered"] * 2
    assert story.effects(invoice_id) == before
    assert story.undo(token) == "undone"


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_same_answer_again_changes_nothing(story: Story, answer: str) -> None:
    """Pressed twice: already answered."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    assert story.press(token, answer) == answer
    before = story.effects(invoice_id)
    story.session.clock.advance(seconds=1)
    assert [story.press(token, answer), story.press(token, answer)] == ["already_answered"] * 2
    assert story.effects(invoice_id) == before


@pytest.mark.parametrize("via", ["link", "page"])
@pytest.mark.parametrize("first", ANSWERS)
def test_the_other_answer_changes_it(story: Story, first: str, via: str) -> None:
    """Undone first, and told so; then recorded anew: rubis, relance and question agree."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    (story.click if via == "link" else story.press)(token, first)
    story.session.clock.advance(days=2)
    assert story.press(token, OPPOSITE[first]) == OPPOSITE[first]
    (task,) = story.rows("checkin_task", invoice_id)
    assert (task["answered_via"], task["answered_at"], task["undone_at"]) == (
        "page",
        story.now(),
        story.now(),
    )
    assert task["answer"] == {"paid": "still_pending", "pending": "paid"}[first]
    assert story.rubis() == (first == "pending")
    assert story.row(invoice_id)["status"] == {"paid": "open", "pending": "paid"}[first]
    assert bool(ahead(story, invoice_id)) is (first == "paid")
    said = {"paid": "paid", "pending": "still pending"}[first]
    kinds = [kind for kind, _ in story.events(invoice_id)]
    assert ("checkin_undone", f"{said} taken back, via page") in story.events(invoice_id)
    assert kinds[-1] == {"paid": "checkin_answered", "pending": "invoice_paid"}[first]
    before = story.effects(invoice_id)
    assert [story.click(token, answer) for answer in ANSWERS] == ["confirm"] * 2
    assert story.effects(invoice_id) == before


def test_a_mind_can_change_often(story: Story) -> None:
    """Each time anew; the rubis are never more than one, and every payment is taken back once."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    for number in range(6):
        answer = ANSWERS[number % 2]
        assert story.press(token, answer) == answer
        assert story.rubis() == (answer == "paid")
        story.session.clock.advance(minutes=1)
    assert [row["delta"] for row in story.rows("rubis_entry", invoice_id)] == [1, -1] * 3
    assert [mail["status"] for mail in story.receipts(invoice_id)] == ["cancelled"] * 3


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize(("past", "changes"), [(-MICROSECOND, True), (0 * MICROSECOND, False)])
def test_it_can_be_changed_for_14_days(story: Story, past: timedelta, first: str, *, changes: bool) -> None:
    """From the answer, less a microsecond."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.press(token, first)
    before = story.effects(invoice_id)
    story.session.clock.set(story.now() + timedelta(days=14) + past)
    outcome = story.press(token, OPPOSITE[first])
    assert outcome == (OPPOSITE[first] if changes else "already_answered")
    assert (story.effects(invoice_id) == before) is not changes


@pytest.mark.parametrize(("past", "outcome"), [(-MICROSECOND, "answers"), (0 * MICROSECOND, "expired")])
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_unanswered_page_lives_24_h(story: Story, past: timedelta, outcome: str, answer: str) -> None:
    """As long as the links of its mail; after that paid asks anew and pending changes nothing."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.session.clock.set(story.now() + timedelta(hours=24) + past)
    before = story.effects(invoice_id)
    assert story.press(token, answer) == (answer if outcome == "answers" else "expired")
    assert (story.effects(invoice_id) == before) is (outcome == "expired" and answer == "pending")
    assert story.row(invoice_id)["status"] == ("paid" if (outcome, answer) == ("answers", "paid") else "open")


@pytest.mark.parametrize("status", ["paid", "cancelled"])
@pytest.mark.parametrize("asked", ["sending", "sent", "failed", "expired"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_settled_invoice_is_already_answered(story: Story, status: str, asked: str, answer: str) -> None:
    """Marked paid or cancelled meanwhile: the button learns so, and changes nothing."""
    invoice_id = story.invoice()
    begun = story.bring(invoice_id, asked)
    story.update(invoice_id, status=status)
    before = story.effects(invoice_id)
    assert story.press(begun["token"], answer) == "already_answered"
    assert story.effects(invoice_id) == before


def test_paid_by_hand_after_pending_stays(story: Story) -> None:
    """The answer of pending is not in force any more: neither button moves the payment."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.press(token, "pending")
    story.api("mark_invoice_paid", invoice_id=invoice_id)
    before = story.effects(invoice_id)
    assert [story.press(token, answer) for answer in ANSWERS] == ["already_answered"] * 2
    assert story.effects(invoice_id) == before


def test_an_answer_in_the_app_is_not_changed(story: Story) -> None:
    """What a signed-in user said is not for the holder of a link to change."""
    for answer in ANSWERS:
        invoice_id = story.invoice()
        token = story.ask(invoice_id)
        story.api("answer_invoice_checkin", invoice_id=invoice_id, answer=answer)
        before = story.effects(invoice_id)
        assert [story.press(token, button) for button in ANSWERS] == ["already_answered"] * 2
        assert story.undo(token) == "unchanged"
        assert story.effects(invoice_id) == before


@pytest.mark.parametrize("answer", ANSWERS)
def test_old_facts_are_not_confirmed(story: Story, answer: str) -> None:
    """The amount has changed since: the answer to the old one does not stand, and is not changed."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.press(token, "pending")
    story.update(invoice_id, amount_cents=7, due_on=date(2026, 4, 20))
    before = story.effects(invoice_id)
    assert story.press(token, answer) == "already_answered"
    assert story.effects(invoice_id) == before


@pytest.mark.parametrize("token", [b"", b"\x00" * 32, b"\xff" * 33, None], ids=repr)
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_unknown_token_leaves_nothing(story: Story, token: bytes, answer: str) -> None:
    """A hash that no mail has is invalid, and leaves no trace."""
    invoice_id = story.invoice()
    story.ask(invoice_id)
    before = story.effects(invoice_id)
    count = "select count(*) from rubis.checkin_click"
    clicks = story.session.value(count)
    assert story.press(token, answer) == "invalid"
    assert story.effects(invoice_id) == before
    assert story.session.value(count) == clicks


@pytest.mark.parametrize("answer", [None, "", "PAID", "still_pending", "undo"])
def test_another_answer_is_refused(story: Story, answer: str) -> None:
    """With a known token or without."""
    token = story.ask(story.invoice())
    for known in (token, b""):
        with story.raises("RB422", "checkin__answer", "answer"):
            story.press(known, answer)
    assert story.clicks(token) == []


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_receipt_answers_nothing(story: Story, answer: str) -> None:
    """Its token is one that undoes: as a link and as a button it is invalid, and leaves no click."""
    invoice_id = story.invoice()
    story.click(story.ask(invoice_id), "paid")
    token = receipt(story)
    before = story.effects(invoice_id)
    assert [story.press(token, answer), story.click(token, answer)] == ["invalid", "invalid"]
    assert story.effects(invoice_id) == before
    assert story.clicks(token) == []


def test_every_press_is_kept(story: Story) -> None:
    """One row each, told from the links' clicks, with what it led to and by what browser."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.press(token, "paid", "é" * 600)
    story.press(token, "paid", None)
    story.press(token, "pending", "")
    story.undo(token, "Firefox")
    story.undo(token, "Firefox")
    kept = [
        (click["via"], click["answer"], click["outcome"], click["user_agent"])
        for click in story.clicks(token)
    ]
    assert kept == [
        ("page", "paid", "paid", "é" * 500),
        ("page", "paid", "already_answered", None),
        ("page", "pending", "pending", ""),
        ("page", None, "undone", "Firefox"),
        ("page", None, "unchanged", "Firefox"),
    ]


@pytest.mark.parametrize("outcome", ["paid", "expired", "already_answered", "undone", "unchanged", "receipt"])
def test_any_press_proves_the_address(story: Story, outcome: str) -> None:
    """Whoever has the page reads that mailbox; an address changed since is not proven by it."""
    proven = "select email_proven_at is not null from rubis.app_user where user_id = %s"
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    if outcome in ("already_answered", "undone", "receipt"):
        story.press(token, "paid")
    if outcome == "receipt":
        token = receipt(story)
    if outcome == "expired":
        story.session.clock.advance(hours=25)
    for email, expected in (("new@atelier.test", False), (story.email.upper(), True)):
        story.dba(
            "update rubis.app_user set email = %s, email_proven_at = null where user_id = %s",
            email,
            story.user_id,
        )
        with story.session.connection.transaction(force_rollback=not expected):
            if outcome in ("undone", "unchanged", "receipt"):
                assert story.undo(token) == ("undone" if outcome == "receipt" else outcome)
            else:
                assert story.press(token, "paid") == outcome
            assert story.session.value(proven, [story.user_id]) is expected
