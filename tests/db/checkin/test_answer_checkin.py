"""One click on a link of a check-in mail."""

from datetime import date, timedelta

import pytest

from tests.support.cast import AHEAD, LIVE, Cast
from tests.support.letters import proven

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(hours=24)


def test_a_paid_link_settles_the_invoice(cast: Cast) -> None:
    """Paid: check-in answered, invoice paid via check-in, one rubis earned, the relance ahead cancelled."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.clock.advance(hours=1)
    assert cast.click(token, "paid") == "paid"
    (task,) = cast.rows("checkin_task", invoice_id)
    assert (task["status"], task["answer"], task["answered_via"]) == ("answered", "paid", "link")
    assert task["answered_at"] == cast.now()
    assert task["ended_at"] is None
    invoice = cast.row(invoice_id)
    assert (invoice["status"], invoice["paid_via"], invoice["paid_at"]) == ("paid", "check-in", cast.now())
    assert cast.rubis() == 1
    (relance,) = cast.rows("relance", invoice_id)
    assert (relance["status"], relance["cancel_reason"]) == ("cancelled", "invoice paid")
    assert cast.events(invoice_id) == [
        ("invoice_created", None),
        ("checkin_sent", None),
        ("invoice_paid", "via check-in"),
    ]
    assert cast.rows("activity_event", invoice_id)[-1]["user_id"] is None


def test_a_pending_link_lets_the_relances_run(cast: Cast) -> None:
    """Pending: the check-in is answered, and nothing else moves."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    invoice, relance = cast.row(invoice_id), cast.relance(invoice_id)
    assert cast.click(token, "pending") == "pending"
    (task,) = cast.rows("checkin_task", invoice_id)
    assert (task["status"], task["answer"]) == ("answered", "still_pending")
    assert cast.row(invoice_id) == invoice
    assert cast.relance(invoice_id) == relance
    assert cast.rubis() == 0
    assert cast.events(invoice_id)[-1] == ("checkin_answered", "still pending, via check-in")


@pytest.mark.parametrize(("first", "second"), [("paid", "paid"), ("paid", "pending"), ("pending", "pending")])
def test_a_second_click_changes_nothing(cast: Cast, first: str, second: str) -> None:
    """The same link again, or *pending* after *paid*: already answered, and all as it was."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, first)
    before = cast.effects(invoice_id)
    cast.clock.advance(hours=1)
    assert cast.click(token, second) == "already_answered"
    assert cast.effects(invoice_id) == before
    assert cast.rubis() == {"paid": 1, "pending": 0}[first]


def test_an_answered_link_stays_answered(cast: Cast) -> None:
    """Long after its 24 h the answered link still says that it was answered."""
    token = cast.ask(cast.invoice())
    cast.click(token)
    cast.clock.advance(days=90)
    assert cast.click(token) == "already_answered"


@pytest.mark.parametrize("token", [b"", b"\x00" * 32, b"\xff" * 32, b"\xff" * 33, None], ids=repr)
@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_an_unknown_token_leaves_nothing(cast: Cast, token: bytes, answer: str) -> None:
    """A hash that no mail has is invalid, and leaves no trace."""
    invoice_id = cast.invoice()
    cast.ask(invoice_id)
    before = cast.effects(invoice_id)
    count = "select count(*) from rubis.checkin_click"
    clicks = cast.session.value(count)
    assert cast.click(token, answer) == "invalid"
    assert cast.effects(invoice_id) == before
    assert cast.session.value(count) == clicks


@pytest.mark.parametrize("answer", [None, "", "PAID", "still_pending", "paid "])
def test_another_answer_is_refused(cast: Cast, answer: str) -> None:
    """There are two answers; anything else is an error, with a known token or without."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    for known in (token, b""):
        with cast.raises("RB422", "checkin__answer", "answer"):
            cast.click(known, answer)
    assert cast.clicks(token) == []


@pytest.mark.parametrize(("past", "outcome"), [(-MICROSECOND, "paid"), (MICROSECOND * 0, "expired")])
def test_a_link_lives_24_h_from_acceptance(cast: Cast, past: timedelta, outcome: str) -> None:
    """Up to 24 h after acceptance, less a microsecond, the click counts, whether the tick ran or not."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    accepted_at = cast.clock.advance(seconds=90)
    cast.finish(begun)
    cast.clock.set(accepted_at + DAY + past)
    assert cast.click(begun["token"]) == outcome
    assert cast.row(invoice_id)["status"] == ("paid" if outcome == "paid" else "open")


@pytest.mark.parametrize(("past", "outcome"), [(-MICROSECOND, "paid"), (MICROSECOND * 0, "expired")])
def test_before_it_is_recorded_it_lives_from_the_attempt(cast: Cast, past: timedelta, outcome: str) -> None:
    """While the acceptance is not recorded, the 24 h run from the attempt."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.clock.set(cast.now() + DAY + past)
    assert cast.click(begun["token"]) == outcome


def test_a_click_faster_than_the_record_counts(cast: Cast) -> None:
    """The mail was read before the worker could say that it was sent; when it does, the answer stays."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    assert cast.click(begun["token"]) == "paid"
    answered = cast.task(invoice_id)
    cast.finish(begun)
    assert cast.task(invoice_id) == answered
    assert cast.mails(invoice_id)[0]["accepted_at"] == cast.now()
    assert ("checkin_sent", None) not in cast.events(invoice_id)


@pytest.mark.parametrize("failure_class", ["temporary", "unknown", "operator"])
@pytest.mark.parametrize("status", ["scheduled", "queued"])
@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_a_mail_said_to_have_failed_that_arrived_counts(
    cast: Cast, failure_class: str, status: str, answer: str
) -> None:
    """Its check-in waits to be mailed again: the click answers it, and no second mail leaves."""
    proven(cast)
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.fail(begun, failure_class)
    cast.bring(invoice_id, status)
    assert cast.click(begun["token"], answer) == answer
    task = cast.task(invoice_id)
    assert task["status"] == "answered"
    assert cast.begin(invoice_id)["skip_reason"] is not None
    cast.clock.advance(hours=2)
    cast.tick()
    assert cast.task(invoice_id) == task
    assert len(cast.mails(invoice_id)) == 1


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_a_failed_check_in_can_still_be_answered(cast: Cast, answer: str) -> None:
    """A mail refused after it was delivered: its link answers, and the failure's end is gone from the row."""
    invoice_id = cast.invoice()
    begun = cast.bring(invoice_id, "failed")
    assert cast.click(begun["token"], answer) == answer
    task = cast.task(invoice_id)
    assert (task["status"], task["ended_at"], task["end_reason"]) == ("answered", None, None)


@pytest.mark.parametrize("status", ["paid", "cancelled"])
@pytest.mark.parametrize("asked", ["sending", "sent", "failed", "expired"])
@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_a_settled_invoice_is_already_answered(cast: Cast, status: str, asked: str, answer: str) -> None:
    """Marked paid or cancelled meanwhile: the click learns so, and changes nothing."""
    invoice_id = cast.invoice()
    begun = cast.bring(invoice_id, asked)
    cast.update(invoice_id, status=status)
    before = cast.effects(invoice_id)
    assert cast.click(begun["token"], answer) == "already_answered"
    assert cast.effects(invoice_id) == before


def test_a_moved_due_date_expires_the_link(cast: Cast) -> None:
    """The question about the old date is no longer asked; the one about the new date is untouched."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.update(invoice_id, due_on=date(2026, 4, 20))
    before = cast.effects(invoice_id)
    assert cast.click(token, "pending") == "expired"
    assert cast.effects(invoice_id) == before
    assert cast.click(token, "paid") == "expired"
    assert cast.row(invoice_id)["status"] == "open"


def test_an_expired_check_in_stays_expired(cast: Cast) -> None:
    """Once the tick ended it, both links say expired."""
    invoice_id = cast.invoice()
    begun = cast.bring(invoice_id, "expired")
    for answer in ("pending", "paid"):
        assert cast.click(begun["token"], answer) == "expired"
    assert cast.rows("checkin_task", invoice_id)[0]["status"] == "expired"
    assert cast.row(invoice_id)["status"] == "open"


def test_both_links_work_after_an_unknown_fate(cast: Cast) -> None:
    """Mailed twice after an unknown fate: each mail answers, and the other then is already answered."""
    for index in (0, 1):
        invoice_id = cast.invoice(due_on=date(2026, 3, 1))
        first = cast.sending(invoice_id)
        cast.fail(first, "unknown")
        tokens = [first["token"], cast.ask(invoice_id)]
        assert cast.click(tokens[index], "pending") == "pending"
        cast.clock.advance(minutes=1)
        assert cast.click(tokens[1 - index], "paid") == "already_answered"


def test_each_link_has_its_own_24_h(cast: Cast) -> None:
    """The first of two mails runs out by its own clock while the second lives."""
    invoice_id = cast.invoice()
    first = cast.sending(invoice_id)
    first_at = cast.now()
    cast.fail(first, "unknown")
    cast.clock.advance(hours=5)
    second = cast.ask(invoice_id)
    cast.clock.set(first_at + DAY)
    assert cast.click(first["token"]) == "expired"
    assert cast.click(second) == "paid"


def test_every_click_is_kept(cast: Cast) -> None:
    """One row per click on a known token: link, outcome, moment, the browser's name up to 500 characters."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "pending", "é" * 600)
    cast.clock.advance(minutes=1)
    cast.click(token, "paid", None)
    cast.update(invoice_id, amount_cents=1)
    second = cast.ask(invoice_id)
    cast.clock.advance(hours=25)
    cast.click(second, "paid", "")
    kept = [
        (click["answer"], click["outcome"], click["user_agent"], click["clicked_at"])
        for known in (token, second)
        for click in cast.clicks(known)
    ]
    assert [click[:3] for click in kept] == [
        ("pending", "pending", "é" * 500),
        ("paid", "already_answered", None),
        ("paid", "asked_again", ""),
    ]
    assert kept[1][3] - kept[0][3] == timedelta(minutes=1)


def test_one_answer_concerns_one_invoice(cast: Cast) -> None:
    """The organization's other invoices keep their check-in and their relance."""
    asked, other = cast.invoice(), cast.invoice()
    before = cast.effects(other)
    cast.clock.set(cast.task(asked)["scheduled_at"])
    begun = cast.sending(asked)
    cast.click(begun["token"])
    after = cast.effects(other)
    assert after["checkin_task"][0]["status"] in LIVE
    assert after["relance"][0]["status"] in AHEAD
    assert after["activity_event"] == before["activity_event"]


def test_a_link_that_is_opened_2000_times_leaves_a_bounded_number_of_rows(cast: Cast) -> None:
    """Twenty for each link and outcome that changed nothing; what a click leads to stays as it was."""
    invoice_id, token = cast.asked()
    assert cast.click(token, "pending") == "pending"
    cast.clock.advance(minutes=2)
    assert {cast.click(token, answer) for answer in ("paid", "pending") for _ in range(1000)} == {
        "already_answered"
    }
    rows = "select answer, outcome, count(*) as rows from rubis.checkin_click group by 1, 2 order by 1, 2"
    assert [tuple(row.values()) for row in cast.session.rows(rows)] == [
        ("paid", "already_answered", 20),
        ("pending", "already_answered", 20),
        ("pending", "pending", 1),
    ]
    assert cast.press(token, "paid") == "paid"
    assert cast.row(invoice_id)["status"] == "paid"
    assert cast.undo(token) == "undone"
    assert cast.session.value("select count(*) from rubis.checkin_click") == 43
