"""The same answer, given in the app."""

import pytest

from tests.support.cast import Cast

ANSWERABLE = ["scheduled", "queued", "sending", "sent", "failed"]


def answer(cast: Cast, invoice_id: int, said: str | None) -> str:
    """Answer in the app; returns the outcome, the document being the invoice as it is."""
    result = cast.api("answer_invoice_checkin", invoice_id=invoice_id, answer=said)
    assert result["invoice"] == cast.document(invoice_id)
    return str(result["outcome"])


@pytest.mark.parametrize("status", ANSWERABLE)
def test_paid_in_the_app_answers_the_question_and_settles(cast: Cast, status: str) -> None:
    """Before, while or after it is mailed, paid is the check-in's answer and the invoice's payment."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, status)
    assert answer(cast, invoice_id, "paid") == "paid"
    (task,) = cast.rows("checkin_task", invoice_id)
    assert (task["status"], task["answer"], task["answered_via"]) == ("answered", "paid", "app")
    assert cast.row(invoice_id)["paid_via"] == "app"
    assert cast.events(invoice_id)[-1] == ("invoice_paid", "via app")
    assert cast.rows("activity_event", invoice_id)[-1]["user_id"] == cast.user_id
    assert cast.rubis() == 1


@pytest.mark.parametrize("status", ANSWERABLE)
def test_pending_in_the_app_answers_the_question(cast: Cast, status: str) -> None:
    """Before, while or after it is mailed, pending ends the question and keeps the relance."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, status)
    assert answer(cast, invoice_id, "pending") == "pending"
    task, *later = cast.rows("checkin_task", invoice_id)
    assert (task["status"], task["answer"]) == ("answered", "still_pending")
    assert cast.relance(invoice_id)["status"] == "scheduled"
    assert cast.events(invoice_id)[-1] == ("checkin_answered", "still pending, via app")
    assert [task["status"] for task in later] == (["scheduled"] if status == "scheduled" else [])


def test_pending_ahead_of_time_leaves_the_due_dates_question(cast: Cast) -> None:
    """Answered before the due date, in the app or by an early link: that day asks all the same."""
    invoice_id = cast.invoice()
    waits = {"status": "scheduled", "scheduled_at": cast.task(invoice_id)["scheduled_at"]}
    assert answer(cast, invoice_id, "pending") == "pending"
    assert cast.task(invoice_id).items() >= waits.items()
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    cast.click(cast.ask(invoice_id), "pending")
    assert cast.task(invoice_id).items() >= waits.items()


def test_the_same_status_written_again_asks_nothing(cast: Cast) -> None:
    """What a DBA writes over it changes no status, so the due date's question is not replaced by another."""
    invoice_id = cast.invoice()
    answer(cast, invoice_id, "pending")
    before = cast.rows("checkin_task", invoice_id)
    assert len(before) == 2
    cast.dba("update rubis.checkin_task set status = status where invoice_id = %s", invoice_id)
    assert cast.rows("checkin_task", invoice_id) == before


@pytest.mark.parametrize("status", ["sending", "sent"])
def test_the_links_then_are_already_answered(cast: Cast, status: str) -> None:
    """What was said in the app counts; the mail's links change nothing."""
    invoice_id = cast.invoice()
    begun = cast.bring(invoice_id, status)
    answer(cast, invoice_id, "pending")
    assert cast.click(begun["token"], "paid") == "already_answered"


def test_paid_after_pending_settles(cast: Cast) -> None:
    """Pending yesterday, paid today: the invoice is settled, the check-in keeps what it was answered."""
    invoice_id = cast.invoice()
    cast.click(cast.ask(invoice_id), "pending")
    assert answer(cast, invoice_id, "paid") == "paid"
    assert cast.task(invoice_id)["answer"] == "still_pending"
    assert cast.row(invoice_id)["paid_via"] == "app"
    assert cast.rubis() == 1


def test_paid_after_the_check_ins_end_settles(cast: Cast) -> None:
    """An expired check-in is not answered any more, but the payment counts."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "expired")
    assert answer(cast, invoice_id, "paid") == "paid"
    assert cast.task(invoice_id)["status"] == "expired"
    assert cast.row(invoice_id)["status"] == "paid"


def test_pending_after_the_check_ins_end_is_refused(cast: Cast) -> None:
    """There is no question left to answer: ask again first."""
    invoice_id = cast.invoice()
    cast.bring(invoice_id, "expired")
    before = cast.effects(invoice_id)
    with cast.raises("RB409", "checkin_task__ended", "answer"):
        answer(cast, invoice_id, "pending")
    assert cast.effects(invoice_id) == before


@pytest.mark.parametrize(("first", "second"), [("pending", "pending"), ("paid", "paid"), ("paid", "pending")])
def test_a_second_answer_changes_nothing(cast: Cast, first: str, second: str) -> None:
    """Said twice, or taken back too late: already answered."""
    invoice_id = cast.invoice()
    cast.ask(invoice_id)
    answer(cast, invoice_id, first)
    before = cast.effects(invoice_id)
    assert answer(cast, invoice_id, second) == "already_answered"
    assert cast.effects(invoice_id) == before


@pytest.mark.parametrize("said", ["paid", "pending"])
def test_a_cancelled_invoice_is_not_asked_about(cast: Cast, said: str) -> None:
    """A withdrawn invoice refuses both answers."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, status="cancelled")
    with cast.raises("RB409", "invoice__cancelled", "invoice_id"):
        answer(cast, invoice_id, said)


@pytest.mark.parametrize("said", [None, "", "Paid", "still_pending"])
def test_another_answer_is_refused(cast: Cast, said: str | None) -> None:
    """An answer other than paid or pending is refused."""
    with cast.raises("RB422", "checkin__answer", "answer"):
        answer(cast, cast.invoice(), said)


def test_an_unknown_invoice_is_missing(cast: Cast) -> None:
    """An answer about an unknown invoice is refused."""
    with cast.raises("RB404", "invoice__missing", "invoice_id"):
        answer(cast, 0, "paid")
