"""A click too late to count: paid is a strong hint, pending is nothing."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from tests.support.letters import ahead, begin_letter, calendar, proven, send_letter, until_due
from tests.support.story import LIVE, Story

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(hours=24)
REASON = "paid was clicked on an expired link"


@pytest.fixture(autouse=True)
def known(story: Story) -> None:
    """Nothing but the question stands before a relance: holidays are known, the user's address is proven."""
    calendar(story)
    proven(story)


def late(story: Story, *, ticked: bool, **facts: object) -> tuple[int, bytes]:
    """An invoice whose links have run out this moment; whether a tick has noticed."""
    invoice_id = story.invoice(**facts)
    token = story.ask(invoice_id)
    story.session.clock.advance(hours=24)
    if ticked:
        story.tick()
    return invoice_id, token


def mailed(story: Story, invoice_id: int) -> list[timedelta]:
    """The time between two mails of an invoice's check-ins and the next."""
    times = [mail["attempted_at"] for mail in story.mails(invoice_id)]
    return [after - before for before, after in pairwise(times)]


@pytest.mark.parametrize("via", ["link", "page"])
@pytest.mark.parametrize("ticked", [True, False])
def test_paid_holds_the_relance_and_asks_anew(story: Story, via: str, *, ticked: bool) -> None:
    """Nothing is answered; the relance waits, the question is asked now, a tick having come by or not."""
    invoice_id, token = late(story, ticked=ticked)
    assert (story.click if via == "link" else story.press)(token, "paid") == "expired"
    assert (story.row(invoice_id)["status"], story.rubis()) == ("open", 0)
    before, after = story.rows("checkin_task", invoice_id)
    assert before["status"] == ("expired" if ticked else "cancelled")
    assert before["end_reason"] == ("no answer within 24 h" if ticked else REASON)
    assert (after["status"], after["next_attempt_at"]) == ("scheduled", story.now())
    relance = ahead(story, invoice_id)
    assert (relance["status"], relance["hold_reason"], relance["next_attempt_at"]) == (
        *("held", "owner_being_asked"),
        None,
    )
    (click,) = story.clicks(token)
    assert (click["via"], click["outcome"]) == (via, "asked_again")
    second = story.ask(invoice_id)
    assert story.click(second, "paid") == "paid"


@pytest.mark.parametrize("via", ["link", "page"])
@pytest.mark.parametrize("ticked", [True, False])
def test_pending_changes_nothing(story: Story, via: str, *, ticked: bool) -> None:
    """It is what silence means anyway."""
    invoice_id, token = late(story, ticked=ticked)
    before = story.effects(invoice_id)
    assert (story.click if via == "link" else story.press)(token, "pending") == "expired"
    assert story.effects(invoice_id) == before
    assert [click["outcome"] for click in story.clicks(token)] == ["expired"]


@pytest.mark.parametrize("hours", [0, 1, 23])
def test_again_while_it_is_being_asked_changes_nothing(story: Story, hours: int) -> None:
    """Before it is mailed and after: the question under way is enough."""
    invoice_id, token = late(story, ticked=True)
    story.click(token, "paid")
    before = story.effects(invoice_id)
    assert [story.click(token, "paid"), story.press(token, "paid")] == ["expired"] * 2
    assert story.effects(invoice_id) == before
    story.ask(invoice_id)
    story.session.clock.advance(hours=hours)
    before = story.effects(invoice_id)
    assert [story.click(token, "paid"), story.press(token, "paid")] == ["expired"] * 2
    assert story.effects(invoice_id) == before
    assert [click["outcome"] for click in story.clicks(token)] == ["asked_again", *["expired"] * 4]


@pytest.mark.parametrize("status", ["failed", "expired", "answered"])
def test_a_day_between_two_mails(story: Story, status: str) -> None:
    """Whatever became of the last question, the next mail leaves 24 h after the last, not before."""
    invoice_id, token = late(story, ticked=True)
    story.click(token, "paid")
    begun = story.bring(invoice_id, "failed" if status == "failed" else "sent")
    mailed_at = story.now()
    story.session.clock.advance(hours=1)
    if status == "answered":
        assert story.click(begun["token"], "pending") == "pending"
    if status == "expired":
        story.session.clock.set(mailed_at + DAY)
        story.tick()
    assert story.click(token, "paid") == "expired"
    task = story.task(invoice_id)
    assert (task["status"], task["next_attempt_at"]) == ("scheduled", mailed_at + DAY)
    assert ahead(story, invoice_id)["status"] == "held"
    story.ask(invoice_id)
    assert min(mailed(story, invoice_id)) >= DAY


def test_clicked_every_hour_it_is_asked_once_a_day(story: Story) -> None:
    """For ten days, with a worker that runs: one mail a day, and no letter leaves."""
    invoice_id, token = late(story, ticked=True)
    for _ in range(240):
        story.click(token, "paid")
        story.tick()
        if story.task(invoice_id)["status"] == "queued":
            story.finish(story.begin(invoice_id))
        assert ahead(story, invoice_id)["status"] in ("held", "scheduled")
        story.session.clock.advance(hours=1)
    assert 9 <= len(story.mails(invoice_id)) <= 11
    assert min(mailed(story, invoice_id)) >= DAY


def test_a_question_of_the_due_date_is_brought_forward(story: Story) -> None:
    """Asked early, expired: the due date's own is far away, so it is asked now, and that day all the same."""
    invoice_id = story.invoice()
    due_at = story.task(invoice_id)["scheduled_at"]
    story.api("ask_checkin_again", invoice_id=invoice_id)
    token = story.ask(invoice_id)
    story.session.clock.advance(hours=24)
    story.tick()
    assert story.task(invoice_id)["scheduled_at"] == due_at
    story.click(token, "paid")
    assert story.task(invoice_id)["scheduled_at"] == story.now()
    assert story.click(story.ask(invoice_id), "pending") == "pending"
    assert story.task(invoice_id)["scheduled_at"] == due_at


def test_a_question_that_is_due_sooner_stays(story: Story) -> None:
    """One that is asked before a day has passed is enough."""
    invoice_id = story.invoice()
    story.session.clock.set(story.task(invoice_id)["scheduled_at"] - timedelta(hours=30))
    story.api("ask_checkin_again", invoice_id=invoice_id)
    token = story.ask(invoice_id)
    story.update(invoice_id, amount_cents=7)  # asked about anew on the due date, in 30 h
    story.settings(checkin_time="01:00")
    before = story.task(invoice_id)
    assert before["next_attempt_at"] <= story.now() + DAY
    assert story.click(token, "paid") == "expired"
    assert story.task(invoice_id) == before
    assert ahead(story, invoice_id)["hold_reason"] == "owner_being_asked"


@pytest.mark.parametrize("status", ["queued", "scheduled"])
def test_no_letter_leaves_before_the_answer(story: Story, status: str) -> None:
    """Not the one in the queue either; after the answer it runs its course."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.session.clock.advance(hours=24)
    story.tick()
    relance = until_due(story, invoice_id) if status == "queued" else ahead(story, invoice_id)
    assert relance["status"] == status
    story.click(token, "paid")
    assert ahead(story, invoice_id)["status"] == "held"
    assert begin_letter(story, relance["relance_id"])["skip_reason"] == "relance is held"
    second = story.ask(invoice_id)
    assert story.click(second, "pending") == "pending"
    assert send_letter(story, invoice_id)["step"] == 1
    assert story.session.rows("select * from audit.rule_relance_owner_asked") == []


def test_a_letter_that_is_being_sent_leaves(story: Story) -> None:
    """It cannot be called back; the question is asked all the same."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.session.clock.advance(hours=24)
    story.tick()
    begin_letter(story, until_due(story, invoice_id)["relance_id"])
    story.click(token, "paid")
    assert ahead(story, invoice_id)["status"] == "sending"
    assert story.task(invoice_id)["status"] in LIVE


@pytest.mark.parametrize("end", ["expired", "failed", "answered in the app"])
def test_the_hold_ends_with_the_question(story: Story, end: str) -> None:
    """Nobody answers, the mail fails, the app is told: the relance waits for nothing that will not come."""
    invoice_id, token = late(story, ticked=True)
    story.click(token, "paid")
    if end == "answered in the app":
        story.api("answer_invoice_checkin", invoice_id=invoice_id, answer="pending")
    else:
        story.bring(invoice_id, end)
    assert story.session.rows("select * from audit.rule_held_relance_waits") == []
    relance = ahead(story, invoice_id)
    assert relance["status"] == ("held" if end == "failed" else "scheduled")


@pytest.mark.parametrize("settled", ["paid", "cancelled"])
def test_about_a_settled_invoice_nothing_is_asked(story: Story, settled: str) -> None:
    """It is already answered."""
    invoice_id, token = late(story, ticked=True)
    story.update(invoice_id, status=settled)
    before = story.effects(invoice_id)
    assert story.click(token, "paid") == "already_answered"
    assert story.effects(invoice_id) == before


def test_a_mistrusted_link_asks_nothing_by_itself(story: Story) -> None:
    """Its check-in was contradicted: it opens the page, whose button asks anew."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.click(token, "paid")
    story.click(token, "pending")
    story.session.clock.advance(hours=24)
    story.tick()
    before = story.effects(invoice_id)
    assert story.click(token, "paid") == "confirm"
    assert story.effects(invoice_id) == before
    assert story.press(token, "paid") == "expired"
    assert story.task(invoice_id)["status"] == "scheduled"


def test_a_link_of_old_facts_asks_about_the_new(story: Story) -> None:
    """The due date was moved far away: whoever then says paid is asked a day after the last mail."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    mailed_at = story.now()
    story.update(invoice_id, due_on=date(2026, 6, 20))
    story.session.clock.advance(hours=2)
    assert story.click(token, "paid") == "expired"
    assert story.task(invoice_id)["next_attempt_at"] == mailed_at + DAY
