"""Both links of a check-in followed at once: no person did that, so the first answer is taken back."""

from datetime import timedelta

import pytest
from psycopg.rows import DictRow

from tests.support.letters import ahead, begin_letter, begin_user_mail, calendar, proven
from tests.support.story import AHEAD, Story

MICROSECOND = timedelta(microseconds=1)
WINDOW = timedelta(seconds=60)
OPPOSITE = {"paid": "pending", "pending": "paid"}
ANSWERS = list(OPPOSITE)
PLAN = ("step", "tone", "days_after_due", "scheduled_at", "next_attempt_at", "status", "hold_reason")


def plan(story: Story, invoice_id: int) -> dict[str, object]:
    """What the relance ahead is and when it leaves."""
    relance = ahead(story, invoice_id)
    return {name: relance.get(name) for name in PLAN}


def contradicted(story: Story, invoice_id: int, first: str = "paid") -> bytes:
    """Ask, and follow both links, one second between; returns the token."""
    token = story.ask(invoice_id)
    assert story.click(token, first) == first
    story.session.clock.advance(seconds=1)
    assert story.click(token, OPPOSITE[first]) == "confirm"
    return token


def advice(story: Story) -> list[DictRow]:
    """The organization's mails that advise click_mode confirm."""
    return story.session.rows(
        "select * from rubis.user_mail where organization_id = %s and kind = 'click_mode_advice'",
        [story.organization_id],
    )


@pytest.mark.parametrize("first", ANSWERS)
def test_the_opposite_link_at_once_takes_the_answer_back(story: Story, first: str) -> None:
    """Whichever came first: the question is as it was before, and so are invoice, rubis and relance."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    asked, invoice, planned = story.task(invoice_id), story.row(invoice_id), plan(story, invoice_id)
    events = story.events(invoice_id)
    assert story.click(token, first) == first
    story.session.clock.advance(seconds=59)
    assert story.click(token, OPPOSITE[first]) == "confirm"
    assert story.rows("checkin_task", invoice_id) == [asked | {"contradicted_at": story.now()}]
    assert story.row(invoice_id) == invoice
    assert story.rubis() == 0
    assert plan(story, invoice_id) == planned
    label = {
        "paid": "paid, then still pending: taken back",
        "pending": "still pending, then paid: taken back",
    }
    between = [("checkin_answered", "still pending, via check-in")]
    if first == "paid":
        between = [("invoice_paid", "via check-in"), ("invoice_reopened", "was paid")]
    assert story.events(invoice_id) == [*events, *between, ("checkin_contradicted", label[first])]
    told = story.rows("activity_event", invoice_id)[-1]
    assert (told["checkin_task_id"], told["user_id"]) == (asked["checkin_task_id"], None)
    assert [entry["delta"] for entry in story.rows("rubis_entry", invoice_id)] == [1, -1][
        : 2 * (first == "paid")
    ]


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize("seconds", [1, 60, 3600])
@pytest.mark.parametrize("inside", [True, False])
def test_the_window_ends_to_the_microsecond(story: Story, first: str, seconds: int, *, inside: bool) -> None:
    """The organization's own window: its last microsecond is inside, its end is not."""
    story.settings(contradiction_seconds=seconds)
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.click(token, first)
    answered = story.effects(invoice_id)
    story.session.clock.advance(seconds=seconds)
    if inside:
        story.session.clock.advance(microseconds=-1)
    assert story.click(token, OPPOSITE[first]) == ("confirm" if inside else "already_answered")
    assert (story.effects(invoice_id) == answered) is not inside
    assert (story.row(invoice_id)["status"] == "paid") is (first == "paid" and not inside)


@pytest.mark.parametrize("first", ANSWERS)
def test_at_the_same_instant(story: Story, first: str) -> None:
    """Both links in the same microsecond."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    assert [story.click(token, first), story.click(token, OPPOSITE[first])] == [first, "confirm"]
    assert story.task(invoice_id)["status"] == "sent"


@pytest.mark.parametrize("first", ANSWERS)
def test_the_same_link_again_is_already_answered(story: Story, first: str) -> None:
    """Impatience is no contradiction; and it does not lengthen the window, which runs from the answer."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.click(token, first)
    answered = story.effects(invoice_id)
    story.session.clock.advance(seconds=30)
    assert story.click(token, first) == "already_answered"
    assert story.effects(invoice_id) == answered
    story.session.clock.advance(seconds=30)
    assert story.click(token, OPPOSITE[first]) == "already_answered"
    assert story.effects(invoice_id) == answered


@pytest.mark.parametrize("first", ANSWERS)
def test_from_then_on_its_links_open_the_page(story: Story, first: str) -> None:
    """Whatever follows, at once, later, after its 24 h: confirm, and nothing moves but the clicks kept."""
    invoice_id = story.invoice()
    token = contradicted(story, invoice_id, first)
    before = story.effects(invoice_id)
    for wait in (0, 1, 3600, 23 * 3600):
        story.session.clock.advance(seconds=wait)
        assert [story.click(token, answer) for answer in ANSWERS] == ["confirm", "confirm"]
    assert story.effects(invoice_id) == before
    story.session.clock.advance(hours=1)
    story.tick()
    expired = story.effects(invoice_id)
    assert [story.click(token, answer) for answer in ANSWERS] == ["confirm", "confirm"]
    assert story.effects(invoice_id) == expired
    assert story.task(invoice_id)["status"] == "expired"


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize("button", ANSWERS)
def test_the_buttons_answer(story: Story, first: str, button: str) -> None:
    """The person who then presses a button gets what was chosen; the links after it open the page still."""
    invoice_id = story.invoice()
    token = contradicted(story, invoice_id, first)
    assert story.press(token, button) == button
    task = story.task(invoice_id)
    assert (task["status"], task["answered_via"]) == ("answered", "page")
    assert story.rubis() == (button == "paid")
    before = story.effects(invoice_id)
    assert [story.click(token, answer) for answer in ANSWERS] == ["confirm", "confirm"]
    assert story.effects(invoice_id) == before


def test_the_app_answers_too(story: Story) -> None:
    """The open question can be answered in the app as any other."""
    invoice_id = story.invoice()
    contradicted(story, invoice_id, "paid")
    assert (
        story.api("answer_invoice_checkin", invoice_id=invoice_id, answer="pending")["outcome"] == "pending"
    )
    assert story.task(invoice_id)["status"] == "answered"


@pytest.mark.parametrize("first", ANSWERS)
def test_two_mails_of_one_question(story: Story, first: str) -> None:
    """One link of each mail: a contradiction too, for both; each click is kept with its mail."""
    invoice_id = story.invoice()
    begun = story.sending(invoice_id)
    story.fail(begun, "unknown")
    second = story.ask(invoice_id)
    assert story.click(begun["token"], first) == first
    assert story.click(second, OPPOSITE[first]) == "confirm"
    assert story.task(invoice_id)["status"] == "sent"
    assert [click["outcome"] for click in story.clicks(begun["token"])] == [first]
    assert [click["outcome"] for click in story.clicks(second)] == ["contradicted"]
    assert story.click(begun["token"], first) == "confirm"


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize("status", ["sending", "scheduled", "queued", "failed"])
def test_before_the_acceptance_is_recorded(story: Story, status: str, first: str) -> None:
    """A mail that was read before its acceptance, or in spite of its failure, did arrive: it is sent.

    No second mail leaves; its 24 h run from the attempt until the acceptance is known; no rule breaks.
    """
    invoice_id = story.invoice()
    begun = story.bring(invoice_id, "sending" if status in ("scheduled", "queued") else status)
    if status in ("scheduled", "queued"):
        story.fail(begun, "unknown")
        story.bring(invoice_id, status)
    mailed_at = story.mails(invoice_id)[0]["attempted_at"]
    assert story.click(begun["token"], first) == first
    assert story.click(begun["token"], OPPOSITE[first]) == "confirm"
    task = story.task(invoice_id)
    assert (task["status"], task["sent_at"]) == ("sent", mailed_at)
    assert task["expires_at"] == mailed_at + timedelta(hours=24)
    assert (task["ended_at"], task["end_reason"], task["next_attempt_at"], task["lease_expires_at"]) == (
        None,
    ) * 4
    assert story.begin(invoice_id)["skip_reason"] == "check-in is sent"
    assert story.session.rows("select * from audit.rule_mail_moves_task") == []
    story.session.clock.advance(seconds=20)
    story.finish(begun)
    assert story.task(invoice_id)["expires_at"] == story.now() + timedelta(hours=24)
    assert story.session.rows("select * from audit.rule_mail_moves_task") == []


def test_a_worker_that_comes_back_with_a_failure_changes_nothing(story: Story) -> None:
    """The mail was clicked, so it arrived: whatever its worker says of it, it is not mailed again."""
    for failure_class in ("temporary", "unknown", "operator", "refused"):
        invoice_id = story.invoice()
        begun = story.sending(invoice_id)
        story.click(begun["token"], "paid")
        story.click(begun["token"], "pending")
        task = story.task(invoice_id)
        story.fail(begun, failure_class)
        assert story.task(invoice_id) == task
        assert story.session.rows("select * from audit.rule_mail_moves_task") == []


@pytest.mark.parametrize("via", ["page", "app"])
@pytest.mark.parametrize("first", ANSWERS)
def test_what_was_not_answered_by_link_is_not_contradicted(story: Story, via: str, first: str) -> None:
    """A button or the app is a person: the opposite link, at the same instant, is already answered."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    if via == "page":
        assert story.press(token, first) == first
    else:
        story.api("answer_invoice_checkin", invoice_id=invoice_id, answer=first)
    before = story.effects(invoice_id)
    assert [story.click(token, answer) for answer in ANSWERS] == ["already_answered"] * 2
    assert story.effects(invoice_id) == before


@pytest.mark.parametrize("act", ["reopen", "cancel", "pay", "pay and reopen", "change", "ask again"])
@pytest.mark.parametrize("first", ANSWERS)
def test_what_its_user_did_in_between_stays(story: Story, first: str, act: str) -> None:
    """Paid by hand, cancelled, changed, asked again: the answer does not stand, no link takes it back.

    Only what an answer left as it was can be taken back: pending, paid by hand and reopened, is still that.
    """
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.click(token, first)
    if first == "paid" and act != "reopen":
        story.api("reopen_invoice", invoice_id=invoice_id, reason=None)
    if act in ("pay", "pay and reopen"):
        story.api("mark_invoice_paid", invoice_id=invoice_id)
    if act == "pay and reopen" or (act, first) == ("reopen", "paid"):
        story.api("reopen_invoice", invoice_id=invoice_id, reason=None)
    if act == "cancel":
        story.api("cancel_invoice", invoice_id=invoice_id)
    if act == "change":
        story.update(invoice_id, amount_cents=7)
    if act == "ask again":
        story.api("ask_checkin_again", invoice_id=invoice_id)
    before, rubis = story.effects(invoice_id), story.rubis()
    stands = first == "pending" and act in ("reopen", "pay and reopen")
    assert story.click(token, OPPOSITE[first]) == ("confirm" if stands else "already_answered")
    assert (story.effects(invoice_id) == before) is not stands
    assert story.rubis() == rubis


@pytest.mark.parametrize("first", ANSWERS)
def test_before_the_due_date(story: Story, first: str) -> None:
    """Asked early: the due date's question that pending brought about goes with it, to come again."""
    invoice_id = story.invoice()
    story.api("ask_checkin_again", invoice_id=invoice_id)
    token = story.ask(invoice_id)
    tasks, planned = story.rows("checkin_task", invoice_id), plan(story, invoice_id)
    story.click(token, first)
    assert len(story.rows("checkin_task", invoice_id)) == len(tasks) + (first == "pending")
    assert story.click(token, OPPOSITE[first]) == "confirm"
    tasks[-1]["contradicted_at"] = story.now()
    assert story.rows("checkin_task", invoice_id) == tasks
    assert plan(story, invoice_id) == planned
    assert story.press(token, "pending") == "pending"
    follow = story.task(invoice_id)
    assert (follow["status"], follow["follows_checkin_task_id"]) == (
        "scheduled",
        tasks[-1]["checkin_task_id"],
    )
    assert follow["scheduled_at"] == tasks[0]["scheduled_at"]


@pytest.mark.parametrize("status", ["queued", "sending", "sent", "answered", "failed"])
def test_a_follow_up_that_was_begun_keeps_the_answer(story: Story, status: str) -> None:
    """The due date's question is on its way: the earlier answer stays, whatever link is followed."""
    story.settings(contradiction_seconds=3600)
    invoice_id = story.invoice()
    story.session.clock.set(story.task(invoice_id)["scheduled_at"] - timedelta(minutes=10))
    story.api("ask_checkin_again", invoice_id=invoice_id)
    token = story.ask(invoice_id)
    story.click(token, "pending")
    begun = story.bring(invoice_id, "sent" if status == "answered" else status)
    if status == "answered":
        story.click(begun["token"], "pending")
    before = story.effects(invoice_id)
    assert story.click(token, "paid") == "already_answered"
    assert story.effects(invoice_id) == before


def test_a_follow_up_retried_keeps_the_answer(story: Story) -> None:
    """Scheduled again after a failed attempt: it may have arrived, so it counts as asked."""
    story.settings(contradiction_seconds=3600)
    invoice_id = story.invoice()
    story.session.clock.set(story.task(invoice_id)["scheduled_at"] - timedelta(minutes=10))
    story.api("ask_checkin_again", invoice_id=invoice_id)
    token = story.ask(invoice_id)
    story.click(token, "pending")
    story.fail(story.sending(invoice_id), "unknown")
    assert story.task(invoice_id)["status"] == "scheduled"
    assert story.click(token, "paid") == "already_answered"


def test_a_relance_that_waited_is_held_again(story: Story) -> None:
    """Pending let it go; taken back, it waits for the answer as before, and the next tick holds it."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.dba("update rubis.relance set next_attempt_at = %s where status = 'scheduled'", story.now())
    story.tick()
    assert ahead(story, invoice_id)["hold_reason"] == "owner_being_asked"
    story.click(token, "pending")
    assert ahead(story, invoice_id)["status"] == "scheduled"
    story.click(token, "paid")
    assert story.row(invoice_id)["status"] == "open"
    story.dba("update rubis.relance set next_attempt_at = %s where status = 'scheduled'", story.now())
    story.tick()
    assert ahead(story, invoice_id)["hold_reason"] == "owner_being_asked"


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("first", ANSWERS)
def test_a_contradiction_proves_no_address(story: Story, first: str, *, before: bool) -> None:
    """What the first click proved is proven no more, unless it was before; nor does a confirm prove it."""
    proven = "select email_proven_at is not null as yes, release_due from rubis.app_user where user_id = %s"

    def state() -> tuple[bool, bool]:
        row = story.session.row(proven, [story.user_id])
        return row["yes"], row["release_due"]

    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    if before:
        story.dba(
            "update rubis.app_user set email_proven_at = %s where user_id = %s",
            story.now() - MICROSECOND,
            story.user_id,
        )
    story.click(token, first)
    assert state() == (True, not before)
    story.click(token, OPPOSITE[first])
    assert state() == (before, False)
    story.click(token, first)
    assert state() == (before, False)
    story.press(token, first)
    assert state() == (True, not before)


@pytest.mark.parametrize("via", ["link", "page"])
@pytest.mark.parametrize("seconds", [60, 3600])
def test_no_letter_leaves_within_the_window(story: Story, seconds: int, via: str) -> None:
    """After pending by a link the relance waits until nothing can contradict it; by a button it does not."""
    calendar(story)
    proven(story)
    story.settings(contradiction_seconds=seconds, relance_time="00:00")
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    assert (story.click if via == "link" else story.press)(token, "pending") == "pending"
    until = story.now() + timedelta(seconds=seconds)

    def judged() -> DictRow:
        story.dba(
            "update rubis.relance set status = 'scheduled', hold_reason = null, lease_expires_at = null,"
            " next_attempt_at = rubis.clock() where invoice_id = %s",
            invoice_id,
        )
        story.tick()
        return ahead(story, invoice_id)

    if via == "link":
        waits = judged()
        assert (waits["status"], waits["next_attempt_at"]) == ("scheduled", until)
        story.session.clock.set(until - MICROSECOND)
        assert judged()["status"] == "scheduled"
        story.session.clock.set(until)
    relance = judged()
    assert relance["status"] == "queued"
    assert begin_letter(story, relance["relance_id"]).get("skip_reason") is None


def test_a_link_that_only_opened_the_page_is_not_used(story: Story) -> None:
    """Of two mails one was contradicted and answered by its page: the other's links are waited for."""
    calendar(story)
    proven(story)
    invoice_id = story.invoice()
    first = story.sending(invoice_id)
    story.fail(first, "unknown")
    second = story.ask(invoice_id)
    mailed_at = story.now()
    outcomes = [story.click(first["token"], answer) for answer in ("paid", "pending")]
    assert [*outcomes, story.click(second)] == ["paid", "confirm", "confirm"]
    assert story.press(first["token"], "pending") == "pending"
    verdict = "select * from rubis.relance_verdict(%s, %s, rubis.clock())"
    judged = story.session.row(verdict, [story.organization_id, invoice_id])
    assert (judged["verdict"], judged["reason"], judged["until"]) == (
        *("wait", "link_alive"),
        mailed_at + timedelta(hours=24),
    )
    assert story.press(second, "pending") == "already_answered"
    judged = story.session.row(verdict, [story.organization_id, invoice_id])
    assert judged["reason"] != "link_alive"


def test_a_receipt_that_waits_is_cancelled(story: Story) -> None:
    """The mail that would have confirmed the answer never leaves."""
    invoice_id = story.invoice()
    contradicted(story, invoice_id, "paid")
    (receipt,) = story.receipts(invoice_id)
    assert (receipt["status"], receipt["cancelled_at"], receipt["next_attempt_at"]) == (
        "cancelled",
        story.now(),
        None,
    )
    story.session.clock.advance(minutes=5)
    story.tick()
    assert story.receipts(invoice_id) == [receipt]


def test_the_clicks_are_kept_with_what_they_led_to(story: Story) -> None:
    """Which of two was first, by what, and that the second took it back: audit.contradictions tells."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.click(token, "paid", "scanner 1")
    story.session.clock.advance(seconds=2)
    story.click(token, "pending", "scanner 2")
    story.session.clock.advance(seconds=2)
    story.click(token, "pending", "person")
    kept = [
        (click["via"], click["answer"], click["outcome"], click["user_agent"])
        for click in story.clicks(token)
    ]
    assert kept == [
        ("link", "paid", "paid", "scanner 1"),
        ("link", "pending", "contradicted", "scanner 2"),
        ("link", "pending", "confirm", "person"),
    ]
    with story.session.acting_as("rubis_auditor"):
        row = story.session.row(
            "select * from audit.contradictions where organization_id = %s", [story.organization_id]
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


def test_the_second_check_in_contradicted_brings_advice_once(story: Story) -> None:
    """One is a coincidence; two bring one mail, and the API says the same until the mode is confirm."""

    def advised() -> object:
        return story.api("get_me")["organization"]["click_mode_advice"]

    contradicted(story, story.invoice())
    assert (advised(), advice(story)) == (None, [])
    contradicted(story, story.invoice(), "pending")
    (mail,) = advice(story)
    assert (advised(), mail["next_attempt_at"], mail["user_id"]) == ("confirm", story.now(), story.user_id)
    contradicted(story, story.invoice())
    assert [row["user_mail_id"] for row in advice(story)] == [mail["user_mail_id"]]
    begun = begin_user_mail(story, "click_mode_advice")
    assert (begun["kind"], begun["data"]) == ("click_mode_advice", {})
    story.api("update_organization", changes=story.json({"click_mode": "confirm"}))
    assert advised() is None
    story.api("update_organization", changes=story.json({"click_mode": "direct"}))
    assert advised() == "confirm"
    contradicted(story, story.invoice())
    assert len(advice(story)) == 1


def test_the_same_check_in_is_contradicted_once(story: Story) -> None:
    """Since its links open a page, it cannot count twice; nor do answers undone."""
    invoice_id = story.invoice()
    token = contradicted(story, invoice_id)
    for _ in range(3):
        assert story.click(token, "paid") == "confirm"
        assert story.click(token, "pending") == "confirm"
        assert story.press(token, "paid") == "paid"
        assert story.undo(token) == "undone"
    assert advice(story) == []


def test_another_check_in_of_the_invoice_begins_anew(story: Story) -> None:
    """Asked again after a contradiction, the new mail's links answer at one click."""
    invoice_id = story.invoice()
    old = contradicted(story, invoice_id)
    story.api("ask_checkin_again", invoice_id=invoice_id)
    token = story.ask(invoice_id)
    assert story.click(old, "paid") == "confirm"
    assert story.click(token, "paid") == "paid"


@pytest.mark.parametrize("order", [ANSWERS, ANSWERS[::-1]])
def test_a_scanner_leaves_all_as_it_was(story: Story, order: list[str]) -> None:
    """Every link in either order, twice: open, no rubis, the relance as before; then a person decides."""
    for button in ANSWERS:
        invoice_id = story.invoice()
        token = story.ask(invoice_id)
        invoice, planned, rubis = story.row(invoice_id), plan(story, invoice_id), story.rubis()
        outcomes = []
        for answer in order * 2:
            outcomes.append(story.click(token, answer, "SafeLinks"))
            story.session.clock.advance(milliseconds=300)
        assert outcomes == [order[0], "confirm", "confirm", "confirm"]
        assert story.row(invoice_id) == invoice
        assert story.rubis() == rubis
        assert plan(story, invoice_id) == planned
        assert [relance["status"] in AHEAD for relance in story.rows("relance", invoice_id)].count(True) == 1
        story.session.clock.advance(minutes=20)
        assert story.look(token)["may"] == ["paid", "pending"]
        assert story.press(token, button) == button
        assert story.rubis() == rubis + (button == "paid")


def test_a_scanner_that_follows_each_link_twice(story: Story) -> None:
    """paid, paid, pending, pending."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    invoice = story.row(invoice_id)
    outcomes = [story.click(token, answer) for answer in ("paid", "paid", "pending", "pending")]
    assert outcomes == ["paid", "already_answered", "confirm", "confirm"]
    assert story.row(invoice_id) == invoice
