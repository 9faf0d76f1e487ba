"""The same answer, given in the app."""

import pytest

from tests.support.story import Story

ANSWERABLE = ["scheduled", "queued", "sending", "sent", "failed"]


def answer(story: Story, invoice_id: int, said: str | None) -> str:
    """Answer in the app; returns the outcome, the document being the invoice as it is."""
    result = story.api("answer_invoice_checkin", invoice_id=invoice_id, answer=said)
    assert result["invoice"] == story.document(invoice_id)
    return str(result["outcome"])


@pytest.mark.parametrize("status", ANSWERABLE)
def test_paid_answers_the_question_and_settles(story: Story, status: str) -> None:
    """Before, while or after it is mailed, paid is the check-in's answer and the invoice's payment."""
    invoice_id = story.invoice()
    story.bring(invoice_id, status)
    assert answer(story, invoice_id, "paid") == "paid"
    (task,) = story.rows("checkin_task", invoice_id)
    assert (task["status"], task["answer"], task["answered_via"]) == ("answered", "paid", "app")
    assert story.row(invoice_id)["paid_via"] == "app"
    assert story.events(invoice_id)[-1] == ("invoice_paid", "via app")
    assert story.rows("activity_event", invoice_id)[-1]["user_id"] == story.user_id
    assert story.rubis() == 1


@pytest.mark.parametrize("status", ANSWERABLE)
def test_pending_answers_the_question(story: Story, status: str) -> None:
    """Before, while or after it is mailed, pending ends the question and keeps the relance."""
    invoice_id = story.invoice()
    story.bring(invoice_id, status)
    assert answer(story, invoice_id, "pending") == "pending"
    task, *later = story.rows("checkin_task", invoice_id)
    assert (task["status"], task["answer"]) == ("answered", "still_pending")
    assert story.relance(invoice_id)["status"] == "scheduled"
    assert story.events(invoice_id)[-1] == ("checkin_answered", "still pending, via app")
    assert [task["status"] for task in later] == (["scheduled"] if status == "scheduled" else [])


def test_pending_ahead_of_time_leaves_the_due_dates_question(story: Story) -> None:
    """Answered before the due date, in the app or by an early link: that day asks all the same."""
    invoice_id = story.invoice()
    waits = {"status": "scheduled", "scheduled_at": story.task(invoice_id)["scheduled_at"]}
    assert answer(story, invoice_id, "pending") == "pending"
    assert story.task(invoice_id).items() >= waits.items()
    story.api("ask_checkin_again", invoice_id=invoice_id)
    story.click(story.ask(invoice_id), "pending")
    assert story.task(invoice_id).items() >= waits.items()


def test_the_same_status_written_again_asks_nothing(story: Story) -> None:
    """What a DBA writes over it changes no status, so the due date's question is not replaced by another."""
    invoice_id = story.invoice()
    answer(story, invoice_id, "pending")
    before = story.rows("checkin_task", invoice_id)
    assert len(before) == 2
    story.dba("update rubis.checkin_task set status = status where invoice_id = %s", invoice_id)
    assert story.rows("checkin_task", invoice_id) == before


@pytest.mark.parametrize("status", ["sending", "sent"])
def test_the_links_then_are_already_answered(story: Story, status: str) -> None:
    """What was said in the app counts; the mail's links change nothing."""
    invoice_id = story.invoice()
    begun = story.bring(invoice_id, status)
    answer(story, invoice_id, "pending")
    assert story.click(begun["token"], "paid") == "already_answered"


def test_paid_after_pending_settles(story: Story) -> None:
    """Pending yesterday, paid today: the invoice is settled, the check-in keeps what it was answered."""
    invoice_id = story.invoice()
    story.click(story.ask(invoice_id), "pending")
    assert answer(story, invoice_id, "paid") == "paid"
    assert story.task(invoice_id)["answer"] == "still_pending"
    assert story.row(invoice_id)["paid_via"] == "app"
    assert story.rubis() == 1


def test_paid_after_its_end_settles(story: Story) -> None:
    """An expired check-in is not answered any more, but the payment counts."""
    invoice_id = story.invoice()
    story.bring(invoice_id, "expired")
    assert answer(story, invoice_id, "paid") == "paid"
    assert story.task(invoice_id)["status"] == "expired"
    assert story.row(invoice_id)["status"] == "paid"


def test_pending_after_its_end_is_refused(story: Story) -> None:
    """There is no question left to answer: ask again first."""
    invoice_id = story.invoice()
    story.bring(invoice_id, "expired")
    before = story.effects(invoice_id)
    with story.raises("RB409", "checkin_task__ended", "answer"):
        answer(story, invoice_id, "pending")
    assert story.effects(invoice_id) == before


@pytest.mark.parametrize(("first", "second"), [("pending", "pending"), ("paid", "paid"), ("paid", "pending")])
def test_a_second_answer_changes_nothing(story: Story, first: str, second: str) -> None:
    """Said twice, or taken back too late: already answered."""
    invoice_id = story.invoice()
    story.ask(invoice_id)
    answer(story, invoice_id, first)
    before = story.effects(invoice_id)
    assert answer(story, invoice_id, second) == "already_answered"
    assert story.effects(invoice_id) == before


@pytest.mark.parametrize("said", ["paid", "pending"])
def test_a_cancelled_invoice_is_not_asked_about(story: Story, said: str) -> None:
    """A withdrawn invoice refuses both answers."""
    invoice_id = story.invoice()
    story.update(invoice_id, status="cancelled")
    with story.raises("RB409", "invoice__cancelled", "invoice_id"):
        answer(story, invoice_id, said)


@pytest.mark.parametrize("said", [None, "", "Paid", "still_pending"])
def test_another_answer_is_refused(story: Story, said: str | None) -> None:
    """There are two answers."""
    with story.raises("RB422", "checkin__answer", "answer"):
        answer(story, story.invoice(), said)


def test_an_unknown_invoice_is_missing(story: Story) -> None:
    """No invoice, no answer."""
    with story.raises("RB404", "invoice__missing", "invoice_id"):
        answer(story, 0, "paid")
