"""One click on a link of a check-in mail."""

from datetime import date, timedelta

import pytest

from tests.support.story import AHEAD, LIVE, Story

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(hours=24)


def test_paid_settles(story: Story) -> None:
    """Paid: check-in answered, invoice paid via check-in, one rubis earned, the relance ahead cancelled."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.session.clock.advance(hours=1)
    assert story.click(token, "paid") == "paid"
    (task,) = story.rows("checkin_task", invoice_id)
    assert (task["status"], task["answer"], task["answered_via"]) == ("answered", "paid", "link")
    assert task["answered_at"] == story.now()
    assert task["ended_at"] is None
    invoice = story.row(invoice_id)
    assert (invoice["status"], invoice["paid_via"], invoice["paid_at"]) == ("paid", "check-in", story.now())
    assert story.rubis() == 1
    (relance,) = story.rows("relance", invoice_id)
    assert (relance["status"], relance["cancel_reason"]) == ("cancelled", "invoice paid")
    assert story.events(invoice_id) == [
        ("invoice_created", None),
        ("checkin_sent", None),
        ("invoice_paid", "via check-in"),
    ]
    assert story.rows("activity_event", invoice_id)[-1]["user_id"] is None


def test_pending_lets_the_relances_run(story: Story) -> None:
    """Pending: the check-in is answered, and nothing else moves."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    invoice, relance = story.row(invoice_id), story.relance(invoice_id)
    assert story.click(token, "pending") == "pending"
    (task,) = story.rows("checkin_task", invoice_id)
    assert (task["status"], task["answer"]) == ("answered", "still_pending")
    assert story.row(invoice_id) == invoice
    assert story.relance(invoice_id) == relance
    assert story.rubis() == 0
    assert story.events(invoice_id)[-1] == ("checkin_answered", "still pending, via check-in")


@pytest.mark.parametrize("first", ["paid", "pending"])
@pytest.mark.parametrize("second", ["paid", "pending"])
def test_a_second_click_changes_nothing(story: Story, first: str, second: str) -> None:
    """The same link again, or the other one: already answered, and all as it was."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.click(token, first)
    before = story.effects(invoice_id)
    story.session.clock.advance(hours=1)
    assert story.click(token, second) == "already_answered"
    assert story.effects(invoice_id) == before
    assert story.rubis() == (first == "paid")


def test_an_answered_link_stays_answered(story: Story) -> None:
    """Long after its 24 h the answered link still says that it was answered."""
    token = story.ask(story.invoice())
    story.click(token)
    story.session.clock.advance(days=90)
    assert story.click(token) == "already_answered"


@pytest.mark.parametrize("token", [b"", b"\x00" * 32, b"\xff" * 32, b"\xff" * 33, None], ids=repr)
@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_an_unknown_token_leaves_nothing(story: Story, token: bytes, answer: str) -> None:
    """A hash that no mail has is invalid, and leaves no trace."""
    invoice_id = story.invoice()
    story.ask(invoice_id)
    before = story.effects(invoice_id)
    count = "select count(*) from rubis.checkin_click"
    clicks = story.session.value(count)
    assert story.click(token, answer) == "invalid"
    assert story.effects(invoice_id) == before
    assert story.session.value(count) == clicks


@pytest.mark.parametrize("answer", [None, "", "PAID", "still_pending", "paid "])
def test_another_answer_is_refused(story: Story, answer: str) -> None:
    """There are two answers; anything else is an error, with a known token or without."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    for known in (token, b""):
        with story.raises("RB422", "checkin__answer", "answer"):
            story.click(known, answer)
    assert story.clicks(token) == []


@pytest.mark.parametrize(("past", "outcome"), [(-MICROSECOND, "paid"), (MICROSECOND * 0, "expired")])
def test_a_link_lives_24_h_from_acceptance(story: Story, past: timedelta, outcome: str) -> None:
    """Up to 24 h after acceptance, less a microsecond, the click counts, whether the tick ran or not."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    accepted_at = story.session.clock.advance(seconds=90)
    story.finish(begun)
    story.session.clock.set(accepted_at + DAY + past)
    assert story.click(begun["token"]) == outcome
    assert story.row(invoice_id)["status"] == ("paid" if outcome == "paid" else "open")


@pytest.mark.parametrize(("past", "outcome"), [(-MICROSECOND, "paid"), (MICROSECOND * 0, "expired")])
def test_before_it_is_recorded_it_lives_from_the_attempt(story: Story, past: timedelta, outcome: str) -> None:
    """While the acceptance is not recorded, the 24 h run from the attempt."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    story.session.clock.set(story.now() + DAY + past)
    assert story.click(begun["token"]) == outcome


def test_a_click_faster_than_the_record_counts(story: Story) -> None:
    """The mail was read before the worker could say that it was sent; when it does, the answer stays."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    assert story.click(begun["token"]) == "paid"
    answered = story.task(invoice_id)
    story.finish(begun)
    assert story.task(invoice_id) == answered
    assert story.mails(invoice_id)[0]["accepted_at"] == story.now()
    assert ("checkin_sent", None) not in story.events(invoice_id)


@pytest.mark.parametrize("failure_class", ["temporary", "unknown", "operator"])
@pytest.mark.parametrize("status", ["scheduled", "queued"])
@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_a_mail_said_to_have_failed_that_arrived_counts(
    story: Story, failure_class: str, status: str, answer: str
) -> None:
    """Its check-in waits to be mailed again: the click answers it, and no second mail leaves."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    story.fail(begun, failure_class)
    story.bring(invoice_id, status)
    assert story.click(begun["token"], answer) == answer
    task = story.task(invoice_id)
    assert (task["status"], task["next_attempt_at"], task["lease_expires_at"]) == ("answered", None, None)
    assert story.begin(invoice_id)["skip_reason"] is not None
    story.session.clock.advance(hours=2)
    story.tick()
    assert story.task(invoice_id) == task
    assert len(story.mails(invoice_id)) == 1


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_a_failed_check_in_can_still_be_answered(story: Story, answer: str) -> None:
    """A mail refused after it was delivered: its link answers, and the failure's end is gone from the row."""
    invoice_id = story.invoice()
    begun = story.bring(invoice_id, "failed")
    assert story.click(begun["token"], answer) == answer
    task = story.task(invoice_id)
    assert (task["status"], task["ended_at"], task["end_reason"]) == ("answered", None, None)


@pytest.mark.parametrize("status", ["paid", "cancelled"])
@pytest.mark.parametrize("asked", ["sending", "sent", "failed", "expired"])
@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_a_settled_invoice_is_already_answered(story: Story, status: str, asked: str, answer: str) -> None:
    """Marked paid or cancelled meanwhile: the click learns so, and changes nothing."""
    invoice_id = story.invoice()
    begun = story.bring(invoice_id, asked)
    story.update(invoice_id, status=status)
    before = story.effects(invoice_id)
    assert story.click(begun["token"], answer) == "already_answered"
    assert story.effects(invoice_id) == before


def test_a_moved_due_date_expires_the_link(story: Story) -> None:
    """The question about the old date is no longer asked; the one about the new date is untouched."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.update(invoice_id, due_on=date(2026, 4, 20))
    before = story.effects(invoice_id)
    assert story.click(token, "pending") == "expired"
    assert story.effects(invoice_id) == before
    assert story.click(token, "paid") == "expired"
    assert story.row(invoice_id)["status"] == "open"


def test_an_expired_check_in_stays_expired(story: Story) -> None:
    """Once the tick ended it, both links say expired."""
    invoice_id = story.invoice()
    begun = story.bring(invoice_id, "expired")
    for answer in ("pending", "paid"):
        assert story.click(begun["token"], answer) == "expired"
    assert story.rows("checkin_task", invoice_id)[0]["status"] == "expired"
    assert story.row(invoice_id)["status"] == "open"


def test_both_links_work_after_an_unknown_fate(story: Story) -> None:
    """Mailed twice because nobody knew: each of the two mails answers, the other then is already answered."""
    for index in (0, 1):
        invoice_id = story.invoice(due_on=date(2026, 3, 1))
        first = story.sending(invoice_id)
        story.fail(first, "unknown")
        tokens = [first["token"], story.ask(invoice_id)]
        assert story.click(tokens[index], "pending") == "pending"
        story.session.clock.advance(minutes=1)
        assert story.click(tokens[1 - index], "paid") == "already_answered"


def test_each_link_has_its_own_24_h(story: Story) -> None:
    """The first of two mails runs out by its own clock while the second lives."""
    invoice_id = story.invoice()
    first = story.sending(invoice_id)
    first_at = story.now()
    story.fail(first, "unknown")
    story.session.clock.advance(hours=5)
    second = story.ask(invoice_id)
    story.session.clock.set(first_at + DAY)
    assert story.click(first["token"]) == "expired"
    assert story.click(second) == "paid"


def test_every_click_is_kept(story: Story) -> None:
    """One row per click on a known token: link, outcome, moment, the browser's name up to 500 characters."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.click(token, "pending", "é" * 600)
    story.session.clock.advance(minutes=1)
    story.click(token, "paid", None)
    story.update(invoice_id, amount_cents=1)
    second = story.ask(invoice_id)
    story.session.clock.advance(hours=25)
    story.click(second, "paid", "")
    kept = [
        (click["answer"], click["outcome"], click["user_agent"], click["clicked_at"])
        for known in (token, second)
        for click in story.clicks(known)
    ]
    assert [click[:3] for click in kept] == [
        ("pending", "pending", "é" * 500),
        ("paid", "already_answered", None),
        ("paid", "asked_again", ""),
    ]
    assert kept[1][3] - kept[0][3] == timedelta(minutes=1)


def test_one_answer_concerns_one_invoice(story: Story) -> None:
    """The organization's other invoices keep their check-in and their relance."""
    asked, other = story.invoice(), story.invoice()
    before = story.effects(other)
    story.session.clock.set(story.task(asked)["next_attempt_at"])
    begun = story.sending(asked)
    story.click(begun["token"])
    after = story.effects(other)
    assert after["checkin_task"][0]["status"] in LIVE
    assert after["relance"][0]["status"] in AHEAD
    assert after["activity_event"] == before["activity_event"]
