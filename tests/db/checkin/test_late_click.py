"""A click too late to count: paid is a strong hint, pending is nothing."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from tests.support.cast import LIVE, Cast
from tests.support.letters import (
    ahead,
    begin_letter,
    calendar,
    proven,
    queued_letter,
    send_letter,
    until_due,
)

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(hours=24)
REASON = "paid was clicked on an expired link"


@pytest.fixture(autouse=True)
def known(cast: Cast) -> None:
    """Nothing but the question stands before a relance: holidays are known, the user's address is proven."""
    calendar(cast)
    proven(cast)


def late(cast: Cast, *, ticked: bool, **facts: object) -> tuple[int, bytes]:
    """An invoice whose links have run out this moment; whether a tick has noticed."""
    invoice_id = cast.invoice(**facts)
    token = cast.ask(invoice_id)
    cast.clock.advance(hours=24)
    if ticked:
        cast.tick()
    return invoice_id, token


def mailed(cast: Cast, invoice_id: int) -> list[timedelta]:
    """The time between two mails of an invoice's check-ins and the next."""
    times = [mail["attempted_at"] for mail in cast.mails(invoice_id)]
    return [after - before for before, after in pairwise(times)]


@pytest.mark.parametrize("via", ["link", "page"])
@pytest.mark.parametrize("ticked", [True, False])
def test_a_late_paid_holds_the_relance_and_asks_again(cast: Cast, via: str, *, ticked: bool) -> None:
    """Nothing is answered; the relance waits, the question is asked now, a tick having come by or not."""
    invoice_id, token = late(cast, ticked=ticked)
    assert (cast.click if via == "link" else cast.press)(token, "paid") == "expired"
    assert (cast.row(invoice_id)["status"], cast.rubis()) == ("open", 0)
    before, after = cast.rows("checkin_task", invoice_id)
    assert before["status"] == ("expired" if ticked else "cancelled")
    assert before["end_reason"] == ("no answer within 24 h" if ticked else REASON)
    assert (after["status"], after["scheduled_at"]) == ("scheduled", cast.now())
    relance = ahead(cast, invoice_id)
    assert (relance["status"], relance["hold_reason"], relance["next_look_at"]) == (
        *("held", "owner_said_paid"),
        None,
    )
    (click,) = cast.clicks(token)
    assert (click["via"], click["outcome"]) == (via, "asked_again")
    second = cast.ask(invoice_id)
    assert cast.click(second, "paid") == "paid"


@pytest.mark.parametrize("via", ["link", "page"])
@pytest.mark.parametrize("ticked", [True, False])
def test_a_late_pending_changes_nothing(cast: Cast, via: str, *, ticked: bool) -> None:
    """A late click on pending changes nothing: silence means the same."""
    invoice_id, token = late(cast, ticked=ticked)
    before = cast.effects(invoice_id)
    assert (cast.click if via == "link" else cast.press)(token, "pending") == "expired"
    assert cast.effects(invoice_id) == before
    assert [click["outcome"] for click in cast.clicks(token)] == ["expired"]


@pytest.mark.parametrize("hours", [0, 1, 23])
def test_a_late_paid_while_it_is_asked_again_changes_nothing(cast: Cast, hours: int) -> None:
    """Before it is mailed and after: the question under way is enough."""
    invoice_id, token = late(cast, ticked=True)
    cast.click(token, "paid")
    before = cast.effects(invoice_id)
    assert [cast.click(token, "paid"), cast.click(token, "paid")] == ["expired"] * 2
    assert cast.effects(invoice_id) == before
    cast.ask(invoice_id)
    cast.clock.advance(hours=hours)
    before = cast.effects(invoice_id)
    assert [cast.click(token, "paid"), cast.click(token, "paid")] == ["expired"] * 2
    assert cast.effects(invoice_id) == before
    assert [click["outcome"] for click in cast.clicks(token)] == ["asked_again", *["expired"] * 4]


def fails(cast: Cast, invoice_id: int) -> datetime:
    """The mail is refused; returns when."""
    cast.bring(invoice_id, "failed")
    mailed_at = cast.now()
    cast.clock.advance(hours=1)
    return mailed_at


def expires(cast: Cast, invoice_id: int) -> datetime:
    """The mail leaves, and is not answered for 24 hours; returns when it left."""
    cast.ask(invoice_id)
    mailed_at = cast.now()
    cast.clock.set(mailed_at + DAY)
    cast.tick()
    return mailed_at


def is_answered(cast: Cast, invoice_id: int) -> datetime:
    """The mail leaves, and is answered within the hour; returns when it left."""
    token = cast.ask(invoice_id)
    mailed_at = cast.now()
    cast.clock.advance(hours=1)
    assert cast.click(token, "pending") == "pending"
    return mailed_at


@pytest.mark.parametrize("question", [fails, expires, is_answered])
def test_a_day_lies_between_two_mails(cast: Cast, question: Callable[[Cast, int], datetime]) -> None:
    """Whatever became of the last question, the next mail leaves 24 h after the last, not before."""
    invoice_id, token = late(cast, ticked=True)
    cast.click(token, "paid")
    mailed_at = question(cast, invoice_id)
    assert cast.click(token, "paid") == "expired"
    task = cast.task(invoice_id)
    assert (task["status"], task["scheduled_at"]) == ("scheduled", mailed_at + DAY)
    assert ahead(cast, invoice_id)["status"] == "held"
    cast.ask(invoice_id)
    assert min(mailed(cast, invoice_id)) >= DAY


def test_clicked_every_hour_it_is_asked_once_a_day(cast: Cast) -> None:
    """For ten days, with a worker that runs: one mail a day, and no letter leaves."""
    invoice_id, token = late(cast, ticked=True)
    for _ in range(240):
        cast.click(token, "paid")
        cast.tick()
        if cast.queued_mail(invoice_id) is not None:
            cast.finish(cast.begin(invoice_id))
        assert ahead(cast, invoice_id)["status"] in ("held", "scheduled")
        cast.clock.advance(hours=1)
    assert 9 <= len(cast.mails(invoice_id)) <= 11
    assert min(mailed(cast, invoice_id)) >= DAY


def test_a_question_of_the_due_date_is_brought_forward(cast: Cast) -> None:
    """Asked early, expired: the due date's own is far away, so it is asked now, and that day all the same."""
    invoice_id = cast.invoice()
    due_at = cast.task(invoice_id)["scheduled_at"]
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    token = cast.ask(invoice_id)
    cast.clock.advance(hours=24)
    cast.tick()
    assert cast.task(invoice_id)["scheduled_at"] == due_at
    cast.click(token, "paid")
    assert cast.task(invoice_id)["scheduled_at"] == cast.now()
    assert cast.click(cast.ask(invoice_id), "pending") == "pending"
    assert cast.task(invoice_id)["scheduled_at"] == due_at


def test_a_question_that_is_due_sooner_stays(cast: Cast) -> None:
    """One that is asked before a day has passed is enough."""
    invoice_id = cast.invoice()
    cast.clock.set(cast.task(invoice_id)["scheduled_at"] - timedelta(hours=30))
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    token = cast.ask(invoice_id)
    cast.update(invoice_id, amount_cents=7)  # asked about again on the due date, in 30 h
    cast.settings(checkin_time="01:00")
    cast.tick()
    before = cast.task(invoice_id)
    assert before["scheduled_at"] <= cast.now() + DAY
    assert cast.click(token, "paid") == "expired"
    assert cast.task(invoice_id) == before
    assert ahead(cast, invoice_id)["hold_reason"] == "owner_said_paid"


@pytest.mark.parametrize("status", ["queued", "scheduled"])
def test_no_letter_leaves_between_a_late_paid_and_the_answer(cast: Cast, status: str) -> None:
    """Not the one in the queue either; after the answer it runs its course."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.clock.advance(hours=24)
    cast.tick()
    if status == "queued":
        until_due(cast, invoice_id)
    assert (queued_letter(cast, invoice_id) is not None) is (status == "queued")
    cast.click(token, "paid")
    assert ahead(cast, invoice_id)["status"] == "held"
    assert begin_letter(cast, invoice_id)["skip_reason"] is not None
    assert cast.letters(invoice_id) == []
    second = cast.ask(invoice_id)
    cast.clock.advance(seconds=1)
    assert cast.click(second, "pending") == "pending"
    assert send_letter(cast, invoice_id)["step"] == 1
    assert cast.session.rows("select * from audit.rule_relance_owner_asked") == []


def test_a_letter_that_is_being_sent_leaves(cast: Cast) -> None:
    """It cannot be called back; the question is asked all the same."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.clock.advance(hours=24)
    cast.tick()
    until_due(cast, invoice_id)
    begin_letter(cast, invoice_id)
    cast.click(token, "paid")
    assert ahead(cast, invoice_id)["status"] == "sending"
    assert cast.task(invoice_id)["status"] in LIVE


@pytest.mark.parametrize("end", ["expired", "failed", "answered in the app"])
def test_the_hold_ends_with_the_question(cast: Cast, end: str) -> None:
    """No answer comes, the mail fails, the app is told: the relance waits for nothing that will not come."""
    invoice_id, token = late(cast, ticked=True)
    cast.click(token, "paid")
    if end == "answered in the app":
        cast.api("answer_invoice_checkin", invoice_id=invoice_id, answer="pending")
    else:
        cast.bring(invoice_id, end)
    assert cast.session.rows("select * from audit.rule_held_relance_waits") == []
    relance = ahead(cast, invoice_id)
    assert relance["status"] == ("held" if end == "failed" else "scheduled")


@pytest.mark.parametrize("settled", ["paid", "cancelled"])
def test_a_late_paid_of_a_settled_invoice_asks_nothing(cast: Cast, settled: str) -> None:
    """A late click on paid of a settled invoice is already answered and asks nothing."""
    invoice_id, token = late(cast, ticked=True)
    cast.update(invoice_id, status=settled)
    before = cast.effects(invoice_id)
    assert cast.click(token, "paid") == "already_answered"
    assert cast.effects(invoice_id) == before


def test_a_mistrusted_link_asks_nothing_by_itself(cast: Cast) -> None:
    """Its check-in was contradicted: it opens the page, whose button decides."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "paid")
    cast.click(token, "pending")
    cast.clock.advance(hours=24)
    cast.tick()
    before = cast.effects(invoice_id)
    assert cast.click(token, "paid") == "confirm"
    assert cast.effects(invoice_id) == before
    assert cast.press(token, "paid") == "paid"
    assert cast.row(invoice_id)["status"] == "paid"


def test_a_link_of_old_facts_asks_about_the_new(cast: Cast) -> None:
    """The due date was moved far away: a user who then says paid is asked a day after the last mail."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    mailed_at = cast.now()
    cast.update(invoice_id, due_on=date(2026, 6, 20))
    cast.clock.advance(hours=2)
    assert cast.click(token, "paid") == "expired"
    assert cast.task(invoice_id)["scheduled_at"] == mailed_at + DAY
