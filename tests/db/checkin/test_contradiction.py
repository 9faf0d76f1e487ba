"""Both links of a check-in followed at once: no person did that, so the first answer is taken back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from psycopg.rows import DictRow

from tests.support.cast import AHEAD, Cast
from tests.support.letters import ahead, begin_letter, begin_notice, calendar, proven, queued_letter

MICROSECOND = timedelta(microseconds=1)
WINDOW = timedelta(seconds=60)
OPPOSITE = {"paid": "pending", "pending": "paid"}
ANSWERS = list(OPPOSITE)
EARNED = {"paid": 1, "pending": 0}
"""The rubis of an answer."""

Act = Callable[[Cast, int], None]
PLAN = ("step", "tone", "days_after_due", "scheduled_at", "status", "hold_reason")


def plan(cast: Cast, invoice_id: int) -> dict[str, object]:
    """What the relance ahead is and when it leaves."""
    relance = ahead(cast, invoice_id)
    return {name: relance.get(name) for name in PLAN}


def contradicted(cast: Cast, invoice_id: int, first: str = "paid") -> bytes:
    """Ask, and follow both links, one second between; returns the token."""
    token = cast.ask(invoice_id)
    assert cast.click(token, first) == first
    cast.clock.advance(seconds=1)
    assert cast.click(token, OPPOSITE[first]) == "confirm"
    return token


def advice(cast: Cast) -> list[DictRow]:
    """The organization's mails that advise click_mode confirm."""
    return cast.session.rows(
        "select * from rubis.mail where organization_id = %s and kind = 'click_mode_advice'",
        [cast.organization_id],
    )


@pytest.mark.parametrize("first", ANSWERS)
def test_the_opposite_link_at_once_takes_the_answer_back(cast: Cast, first: str) -> None:
    """Whichever came first: question, invoice and rubis are as before; the relance is held."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    asked, invoice, planned = cast.task(invoice_id), cast.row(invoice_id), plan(cast, invoice_id)
    events = cast.events(invoice_id)
    assert cast.click(token, first) == first
    cast.clock.advance(seconds=59)
    assert cast.click(token, OPPOSITE[first]) == "confirm"
    assert cast.rows("checkin_task", invoice_id) == [asked | {"contradicted_at": cast.now()}]
    said = {"said_paid_at": cast.now(), "doubted_at": None}
    assert cast.row(invoice_id) | {"doubted_at": None} == invoice | said
    assert cast.rubis() == 0
    held = {"status": "held", "hold_reason": "owner_said_paid"}
    assert plan(cast, invoice_id) == planned | held
    label = {
        "paid": "paid, then still pending: taken back",
        "pending": "still pending, then paid: taken back",
    }
    between = {
        "paid": [("invoice_paid", "via check-in"), ("invoice_reopened", "was paid")],
        "pending": [("checkin_answered", "still pending, via check-in")],
    }
    assert cast.events(invoice_id) == [*events, *between[first], ("checkin_contradicted", label[first])]
    told = cast.rows("activity_event", invoice_id)[-1]
    assert (told["checkin_task_id"], told["user_id"]) == (asked["checkin_task_id"], None)
    entries = {"paid": [1, -1], "pending": []}
    assert [entry["delta"] for entry in cast.rows("rubis_entry", invoice_id)] == entries[first]


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize("seconds", [1, 60, 3600])
@pytest.mark.parametrize("inside", [True, False])
def test_the_window_ends_to_the_microsecond(cast: Cast, first: str, seconds: int, *, inside: bool) -> None:
    """The organization's own window: its last microsecond is inside, its end is not."""
    cast.settings(contradiction_seconds=seconds)
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, first)
    answered = cast.recorded(invoice_id)
    cast.clock.advance(seconds=seconds)
    if inside:
        cast.clock.advance(microseconds=-1)
    assert cast.click(token, OPPOSITE[first]) == ("confirm" if inside else "already_answered")
    assert (cast.recorded(invoice_id) == answered) is not inside
    assert (cast.row(invoice_id)["status"] == "paid") is (first == "paid" and not inside)


@pytest.mark.parametrize("first", ANSWERS)
def test_at_the_same_instant(cast: Cast, first: str) -> None:
    """Both links followed in the same microsecond contradict each other."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    assert [cast.click(token, first), cast.click(token, OPPOSITE[first])] == [first, "confirm"]
    assert cast.task(invoice_id)["status"] == "sent"


@pytest.mark.parametrize("first", ANSWERS)
def test_the_same_link_again_is_already_answered(cast: Cast, first: str) -> None:
    """Impatience is no contradiction; and it does not lengthen the window, which runs from the answer."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, first)
    answered = cast.recorded(invoice_id)
    cast.clock.advance(seconds=30)
    assert cast.click(token, first) == "already_answered"
    assert cast.recorded(invoice_id) == answered
    cast.clock.advance(seconds=30)
    assert cast.click(token, OPPOSITE[first]) == "already_answered"
    assert cast.recorded(invoice_id) == answered


@pytest.mark.parametrize("first", ANSWERS)
def test_from_then_on_its_links_open_the_page(cast: Cast, first: str) -> None:
    """Whatever follows, at once, later, after its 24 h: confirm, and nothing moves but the clicks kept."""
    invoice_id = cast.invoice()
    token = contradicted(cast, invoice_id, first)
    before = cast.effects(invoice_id)
    for wait in (0, 1, 3600, 23 * 3600):
        cast.clock.advance(seconds=wait)
        assert [cast.click(token, answer) for answer in ANSWERS] == ["confirm", "confirm"]
    assert cast.effects(invoice_id) == before
    cast.clock.advance(hours=1)
    cast.tick()
    expired = cast.effects(invoice_id)
    assert [cast.click(token, answer) for answer in ANSWERS] == ["confirm", "confirm"]
    assert cast.effects(invoice_id) == expired
    assert cast.task(invoice_id)["status"] == "expired"


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize("button", ANSWERS)
def test_buttons_answer_after_a_contradiction(cast: Cast, first: str, button: str) -> None:
    """The person who then presses a button gets what was chosen; the links after it open the page still."""
    invoice_id = cast.invoice()
    token = contradicted(cast, invoice_id, first)
    assert cast.press(token, button) == button
    task = cast.task(invoice_id)
    assert (task["status"], task["answered_via"]) == ("answered", "page")
    assert cast.rubis() == EARNED[button]
    before = cast.effects(invoice_id)
    assert [cast.click(token, answer) for answer in ANSWERS] == ["confirm", "confirm"]
    assert cast.effects(invoice_id) == before


def test_the_app_answers_too(cast: Cast) -> None:
    """The open question can be answered in the app as any other."""
    invoice_id = cast.invoice()
    contradicted(cast, invoice_id, "paid")
    assert cast.api("answer_invoice_checkin", invoice_id=invoice_id, answer="pending")["outcome"] == "pending"
    assert cast.task(invoice_id)["status"] == "answered"


@pytest.mark.parametrize("first", ANSWERS)
def test_two_mails_of_one_question(cast: Cast, first: str) -> None:
    """One link of each mail: a contradiction too, for both; each click is kept with its mail."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.fail(begun, "unknown")
    second = cast.ask(invoice_id)
    assert cast.click(begun["token"], first) == first
    assert cast.click(second, OPPOSITE[first]) == "confirm"
    assert cast.task(invoice_id)["status"] == "sent"
    assert [click["outcome"] for click in cast.clicks(begun["token"])] == [first]
    assert [click["outcome"] for click in cast.clicks(second)] == ["contradicted"]
    assert cast.click(begun["token"], first) == "confirm"


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize("status", ["sending", "scheduled", "queued", "failed"])
def test_before_the_acceptance_is_recorded(cast: Cast, status: str, first: str) -> None:
    """A mail that was read before its acceptance, or in spite of its failure, did arrive: it is sent.

    No second mail leaves; its 24 h run from the attempt until the acceptance is known; no rule breaks.
    """
    invoice_id = cast.invoice()
    begun = cast.bring(invoice_id, "sending" if status in ("scheduled", "queued") else status)
    if status in ("scheduled", "queued"):
        cast.fail(begun, "unknown")
        cast.bring(invoice_id, status)
    mailed_at = cast.mails(invoice_id)[0]["attempted_at"]
    assert cast.click(begun["token"], first) == first
    assert cast.click(begun["token"], OPPOSITE[first]) == "confirm"
    task = cast.task(invoice_id)
    assert (task["status"], task["sent_at"]) == ("sent", mailed_at)
    assert task["expires_at"] == mailed_at + timedelta(hours=24)
    assert (task["ended_at"], task["end_reason"]) == (None, None)
    assert cast.begin(invoice_id)["skip_reason"] is not None
    assert len(cast.mails(invoice_id)) == 1
    assert cast.session.rows("select * from audit.rule_mail_moves_task") == []
    cast.clock.advance(seconds=20)
    cast.finish(begun)
    assert cast.task(invoice_id)["expires_at"] == cast.now() + timedelta(hours=24)
    assert cast.session.rows("select * from audit.rule_mail_moves_task") == []


def test_a_worker_that_comes_back_with_a_failure_changes_nothing(cast: Cast) -> None:
    """The mail was clicked, so it arrived: whatever its worker says of it, it is not mailed again."""
    for failure_class in ("temporary", "unknown", "operator", "refused"):
        invoice_id = cast.invoice()
        begun = cast.sending(invoice_id)
        cast.click(begun["token"], "paid")
        cast.click(begun["token"], "pending")
        task = cast.task(invoice_id)
        cast.fail(begun, failure_class)
        assert cast.task(invoice_id) == task
        assert cast.session.rows("select * from audit.rule_mail_moves_task") == []
        cast.clock.advance(hours=1)
        cast.tick()


@pytest.mark.parametrize("via", ["page", "app"])
@pytest.mark.parametrize("first", ANSWERS)
def test_an_answer_not_given_by_link_is_not_contradicted(cast: Cast, via: str, first: str) -> None:
    """A button or the app is a person: the opposite link, at the same instant, is already answered."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    if via == "page":
        assert cast.press(token, first) == first
    else:
        cast.api("answer_invoice_checkin", invoice_id=invoice_id, answer=first)
    before = cast.recorded(invoice_id)
    assert [cast.click(token, answer) for answer in ANSWERS] == ["already_answered"] * 2
    assert cast.recorded(invoice_id) == before


def pay(cast: Cast, invoice_id: int) -> None:
    """The user marks it paid."""
    cast.api("mark_invoice_paid", invoice_id=invoice_id)


def reopen(cast: Cast, invoice_id: int) -> None:
    """The user opens it again; an open one stays as it is."""
    cast.api("reopen_invoice", invoice_id=invoice_id, reason=None)


def cancel(cast: Cast, invoice_id: int) -> None:
    """The user withdraws it."""
    cast.api("cancel_invoice", invoice_id=invoice_id)


def change(cast: Cast, invoice_id: int) -> None:
    """A DBA changes its amount."""
    cast.update(invoice_id, amount_cents=7)


def ask_again(cast: Cast, invoice_id: int) -> None:
    """The user wants to be asked again."""
    cast.api("ask_checkin_again", invoice_id=invoice_id)


@pytest.mark.parametrize(
    ("first", "acts"),
    [
        ("paid", [reopen]),
        ("paid", [reopen, cancel]),
        ("paid", [reopen, pay]),
        ("paid", [reopen, pay, reopen]),
        ("paid", [reopen, change]),
        ("paid", [reopen, ask_again]),
        ("pending", [cancel]),
        ("pending", [pay]),
        ("pending", [pay, reopen]),
        ("pending", [change]),
        ("pending", [ask_again]),
    ],
)
def test_no_link_takes_back_what_the_user_did_after_an_answer(
    cast: Cast, first: str, acts: list[Act]
) -> None:
    """Reopened, paid by hand, cancelled, changed, asked again: the answer does not stand any more."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, first)
    for act in acts:
        act(cast, invoice_id)
    before, rubis = cast.recorded(invoice_id), cast.rubis()
    assert cast.click(token, OPPOSITE[first]) == "already_answered"
    assert cast.recorded(invoice_id) == before
    assert cast.rubis() == rubis


def test_an_answer_of_pending_that_stands_is_taken_back(cast: Cast) -> None:
    """No user did anything after it: the opposite link at once takes it back."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "pending")
    before, rubis = cast.effects(invoice_id), cast.rubis()
    assert cast.click(token, "paid") == "confirm"
    assert cast.effects(invoice_id) != before
    assert cast.rubis() == rubis


@pytest.mark.parametrize("first", ANSWERS)
def test_before_the_due_date(cast: Cast, first: str) -> None:
    """Asked early: the due date's question that pending brought about goes with it, to come again."""
    invoice_id = cast.invoice()
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    token = cast.ask(invoice_id)
    tasks, planned = cast.rows("checkin_task", invoice_id), plan(cast, invoice_id)
    cast.click(token, first)
    follow_ups = {"paid": 0, "pending": 1}
    assert len(cast.rows("checkin_task", invoice_id)) == len(tasks) + follow_ups[first]
    assert cast.click(token, OPPOSITE[first]) == "confirm"
    tasks[-1]["contradicted_at"] = cast.now()
    assert cast.rows("checkin_task", invoice_id) == tasks
    held = {"status": "held", "hold_reason": "owner_said_paid"}
    assert plan(cast, invoice_id) == planned | held
    cast.clock.advance(seconds=1)
    assert cast.press(token, "pending") == "pending"
    follow = cast.task(invoice_id)
    assert (follow["status"], follow["follows_checkin_task_id"]) == (
        "scheduled",
        tasks[-1]["checkin_task_id"],
    )
    assert follow["scheduled_at"] == tasks[0]["scheduled_at"]


def test_a_follow_up_whose_mail_only_waits_goes_with_the_answer(cast: Cast) -> None:
    """Its mail is queued and no worker has begun: the mail finds nothing to ask."""
    cast.settings(contradiction_seconds=3600, checkin_time="00:00")
    invoice_id = cast.invoice()
    cast.clock.set(cast.task(invoice_id)["scheduled_at"] - timedelta(minutes=10))
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    token = cast.ask(invoice_id)
    cast.click(token, "pending")
    cast.bring(invoice_id, "queued")
    assert cast.queued_mail(invoice_id) is not None
    assert cast.click(token, "paid") == "confirm"
    assert cast.begin(invoice_id)["skip_reason"] == "no question is due"
    assert len(cast.mails(invoice_id)) == 1


@pytest.mark.parametrize("status", ["sending", "sent", "answered", "failed"])
def test_a_follow_up_that_was_begun_keeps_the_answer(cast: Cast, status: str) -> None:
    """The due date's question is on its way: the earlier answer stays, whatever link is followed."""
    cast.settings(contradiction_seconds=3600, checkin_time="00:00")
    invoice_id = cast.invoice()
    cast.clock.set(cast.task(invoice_id)["scheduled_at"] - timedelta(minutes=10))
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    token = cast.ask(invoice_id)
    cast.click(token, "pending")
    begun = cast.bring(invoice_id, "sent" if status == "answered" else status)
    if status == "answered":
        cast.click(begun["token"], "pending")
    before = cast.recorded(invoice_id)
    assert cast.click(token, "paid") == "already_answered"
    assert cast.recorded(invoice_id) == before


def test_a_follow_up_retried_keeps_the_answer(cast: Cast) -> None:
    """Scheduled again after a failed attempt: it may have arrived, so it counts as asked."""
    cast.settings(contradiction_seconds=3600, checkin_time="00:00")
    invoice_id = cast.invoice()
    cast.clock.set(cast.task(invoice_id)["scheduled_at"] - timedelta(minutes=10))
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    token = cast.ask(invoice_id)
    cast.click(token, "pending")
    cast.fail(cast.sending(invoice_id), "unknown")
    assert cast.task(invoice_id)["status"] == "scheduled"
    assert cast.click(token, "paid") == "already_answered"


def test_a_relance_that_waited_is_held_again(cast: Cast) -> None:
    """Pending let it go; taken back, it is held at once, for paid was clicked."""
    calendar(cast)
    proven(cast)
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.dba("update rubis.relance set scheduled_at = %s where status = 'scheduled'", cast.now())
    cast.tick()
    assert ahead(cast, invoice_id)["hold_reason"] == "owner_being_asked"
    cast.click(token, "pending")
    assert ahead(cast, invoice_id)["status"] == "scheduled"
    cast.click(token, "paid")
    assert cast.row(invoice_id)["status"] == "open"
    assert ahead(cast, invoice_id)["hold_reason"] == "owner_said_paid"


@pytest.mark.parametrize("via", ["link", "page"])
@pytest.mark.parametrize("seconds", [60, 3600])
def test_no_letter_leaves_within_the_window(cast: Cast, seconds: int, via: str) -> None:
    """After pending by a link the relance waits until nothing can contradict it; by a button it does not."""
    calendar(cast)
    proven(cast)
    cast.settings(contradiction_seconds=seconds, relance_time="00:00")
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    assert (cast.click if via == "link" else cast.press)(token, "pending") == "pending"
    until = cast.now() + timedelta(seconds=seconds)

    def judged() -> DictRow:
        cast.dba(
            "update rubis.relance set status = 'scheduled', hold_reason = null,"
            " scheduled_at = rubis.clock(), next_look_at = rubis.clock() where invoice_id = %s",
            invoice_id,
        )
        cast.tick()
        return ahead(cast, invoice_id)

    if via == "link":
        waits = judged()
        assert (waits["status"], waits["next_look_at"]) == ("scheduled", until)
        cast.clock.set(until - MICROSECOND)
        assert judged()["status"] == "scheduled"
        assert queued_letter(cast, invoice_id) is None
        cast.clock.set(until)
    judged()
    assert begin_letter(cast, invoice_id)["skip_reason"] is None


def test_a_link_that_only_opened_the_page_is_not_used(cast: Cast) -> None:
    """Of two mails one was contradicted and answered by its page: the other's links are waited for."""
    calendar(cast)
    proven(cast)
    invoice_id = cast.invoice()
    first = cast.sending(invoice_id)
    cast.fail(first, "unknown")
    second = cast.ask(invoice_id)
    mailed_at = cast.now()
    outcomes = [cast.click(first["token"], answer) for answer in ("paid", "pending")]
    assert [*outcomes, cast.click(second)] == ["paid", "confirm", "confirm"]
    cast.clock.advance(seconds=1)
    assert cast.press(first["token"], "pending") == "pending"
    verdict = "select * from rubis.relance_verdict(%s, %s, rubis.clock())"
    judged = cast.session.row(verdict, [cast.organization_id, invoice_id])
    assert (judged["verdict"], judged["reason"], judged["until"]) == (
        *("wait", "link_alive"),
        mailed_at + timedelta(hours=24),
    )
    assert cast.press(second, "pending") == "already_answered"
    judged = cast.session.row(verdict, [cast.organization_id, invoice_id])
    assert judged["reason"] != "link_alive"


def test_a_receipt_that_waits_is_cancelled(cast: Cast) -> None:
    """The mail that would have confirmed the answer never leaves."""
    invoice_id = cast.invoice()
    contradicted(cast, invoice_id, "paid")
    assert cast.task(invoice_id)["receipt_at"] is None
    cast.clock.advance(minutes=5)
    cast.tick()
    assert cast.notices("receipts") == []


def test_the_clicks_are_kept_with_what_they_led_to(cast: Cast) -> None:
    """Which of two was first, by what, and that the second took it back: audit.contradictions tells."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "paid", "scanner 1")
    cast.clock.advance(seconds=2)
    cast.click(token, "pending", "scanner 2")
    cast.clock.advance(seconds=2)
    cast.click(token, "pending", "person")
    kept = [
        (click["via"], click["answer"], click["outcome"], click["user_agent"]) for click in cast.clicks(token)
    ]
    assert kept == [
        ("link", "paid", "paid", "scanner 1"),
        ("link", "pending", "contradicted", "scanner 2"),
        ("link", "pending", "confirm", "person"),
    ]
    with cast.session.acting_as("rubis_auditor"):
        row = cast.session.row(
            "select * from audit.contradictions where organization_id = %s", [cast.organization_id]
        )
    assert (row["invoice_id"], row["what"], row["status_now"], row["answer_now"]) == (
        invoice_id,
        "paid, then still pending: taken back",
        "sent",
        None,
    )
    assert (row["first_link"], row["first_user_agent"]) == ("paid", "scanner 1")
    assert (row["then_link"], row["then_user_agent"]) == ("pending", "scanner 2")
    assert row["then_clicked_at"] - row["first_clicked_at"] == timedelta(seconds=2)


def test_the_second_check_in_contradicted_brings_advice_once(cast: Cast) -> None:
    """One is a coincidence; two bring one mail, and the API says the same until the mode is confirm."""
    proven(cast)

    def advised() -> object:
        return cast.api("get_me")["organization"]["click_mode_advice"]

    contradicted(cast, cast.invoice())
    assert (advised(), advice(cast)) == (None, [])
    contradicted(cast, cast.invoice(), "pending")
    (mail,) = advice(cast)
    assert (advised(), mail["next_attempt_at"], mail["user_id"]) == ("confirm", cast.now(), cast.user_id)
    contradicted(cast, cast.invoice())
    assert [row["mail_id"] for row in advice(cast)] == [mail["mail_id"]]
    begun = begin_notice(cast, "click_mode_advice")
    assert (begun["kind"], begun["data"]) == ("click_mode_advice", {})
    cast.api("update_organization", changes=cast.json({"click_mode": "confirm"}))
    assert advised() is None
    cast.api("update_organization", changes=cast.json({"click_mode": "direct"}))
    assert advised() == "confirm"
    contradicted(cast, cast.invoice())
    assert len(advice(cast)) == 1


def test_the_same_check_in_is_contradicted_once(cast: Cast) -> None:
    """Since its links open a page, it cannot count twice; nor do answers undone."""
    invoice_id = cast.invoice()
    token = contradicted(cast, invoice_id)
    for _ in range(3):
        assert cast.click(token, "paid") == "confirm"
        assert cast.click(token, "pending") == "confirm"
        assert cast.press(token, "paid") == "paid"
        assert cast.undo(token) == "undone"
    assert advice(cast) == []


def test_another_check_in_of_the_invoice_begins_anew(cast: Cast) -> None:
    """Asked again after a contradiction, the new mail's links answer at one click."""
    invoice_id = cast.invoice()
    old = contradicted(cast, invoice_id)
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    token = cast.ask(invoice_id)
    assert cast.click(old, "paid") == "confirm"
    assert cast.click(token, "paid") == "paid"


@pytest.mark.parametrize("order", [ANSWERS, ANSWERS[::-1]])
def test_a_scanner_leaves_all_as_it_was(cast: Cast, order: list[str]) -> None:
    """Every link in either order, twice: open, no rubis, the relance held; then a person decides."""
    for button in ANSWERS:
        invoice_id = cast.invoice()
        token = cast.ask(invoice_id)
        invoice, planned, rubis = cast.row(invoice_id), plan(cast, invoice_id), cast.rubis()
        outcomes = []
        for answer in order * 2:
            outcomes.append(cast.click(token, answer, "SafeLinks"))
            cast.clock.advance(milliseconds=300)
        assert outcomes == [order[0], "confirm", "confirm", "confirm"]
        assert cast.row(invoice_id) | {"said_paid_at": None, "doubted_at": None} == invoice
        assert cast.rubis() == rubis
        held = {"status": "held", "hold_reason": "owner_said_paid"}
        assert plan(cast, invoice_id) == planned | held
        assert [relance["status"] in AHEAD for relance in cast.rows("relance", invoice_id)].count(True) == 1
        cast.clock.advance(minutes=20)
        assert cast.look(token)["may"] == ["paid", "pending"]
        assert cast.press(token, button) == button
        assert cast.rubis() == rubis + EARNED[button]


def test_a_scanner_that_follows_each_link_twice(cast: Cast) -> None:
    """A scanner that follows paid twice, then pending twice, is contradicted once."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    invoice = cast.row(invoice_id)
    outcomes = [cast.click(token, answer) for answer in ("paid", "paid", "pending", "pending")]
    assert outcomes == ["paid", "already_answered", "confirm", "confirm"]
    assert cast.row(invoice_id) | {"said_paid_at": None, "doubted_at": None} == invoice
