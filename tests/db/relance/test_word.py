"""A letter rests on a fresh word of its owner: what makes it stale, and when the owner is asked again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.cast import Cast
from tests.support.letters import (
    ahead,
    begin_letter,
    is_leaving,
    pending,
    proven,
    relances,
    send_letter,
    until_due,
    until_queued,
)
from tests.support.line import Token


def moments(cast: Cast, invoice_id: int) -> tuple[datetime, datetime]:
    """When a tick looks at the relance ahead, and when it is to leave."""
    relance = ahead(cast, invoice_id)
    return relance["next_look_at"], relance["scheduled_at"]


def test_every_letter_of_the_plan_is_asked_about(known: Cast) -> None:
    """The plan 3, 10, 30 asks on day 0, the day before letter 2, and the day before letter 3."""
    invoice_id = pending(known)
    left = [send_letter(known, invoice_id)["sent_at"].date() for _ in range(3)]
    asked = [mail["attempted_at"].date() for mail in known.mails(invoice_id)]
    assert left == [date(2026, 3, 23), date(2026, 3, 30), date(2026, 4, 20)]
    assert asked == [date(2026, 3, 20), date(2026, 3, 29), date(2026, 4, 19)]
    assert known.session.rows("select * from audit.rule_word_fresh") == []


@pytest.mark.parametrize(
    "pauses",
    [
        ["paused_until = '2026-04-01'", "paused_until = null"],
        ["paused_until = 'infinity', pause_reason = 'address refused'"],
    ],
    ids=["resumed", "refused"],
)
def test_a_merge_keeps_a_doubt(known: Cast, pauses: list[str]) -> None:
    """A client whose pause was lifted, or ends by the merge, is asked about under the other name too."""
    invoice_id = pending(known)
    looked_at, letter_at = moments(known, invoice_id)
    assert looked_at == letter_at
    client_id = known.row(invoice_id)["client_id"]
    for pause in pauses:
        known.dba(f"update rubis.client set {pause} where client_id = %s", client_id)
    other_id = known.client(name="Dupont et fils", email="fils@dupont.test")
    known.api("merge_client", client_id=client_id, into_client_id=other_id)
    looked_at, letter_at = moments(known, invoice_id)
    assert looked_at < letter_at


def test_every_view_of_the_letter_ahead_tells_of_its_question(known: Cast) -> None:
    """Preview, invoice and timeline give the moment of the question; none once it is under way."""
    invoice_id = pending(known)
    send_letter(known, invoice_id)
    asks_at, letter_at = moments(known, invoice_id)
    for asked in (False, True):
        if asked:
            known.clock.set(asks_at)
            known.tick()
        shown = None if asked else asks_at.isoformat()
        assert known.api("preview_relance", invoice_id=invoice_id)["asks_at"] == shown
        assert known.document(invoice_id)["relances"][-1]["asks_at"] == shown
        with known.session.acting_as("rubis_auditor"):
            lines = known.session.rows(
                "select at, what from audit.invoice_timeline where invoice_id = %s and source = 'ahead'"
                " and (what like 'relance%%' or what like 'owner%%')",
                [invoice_id],
            )
        question = [] if asked else [(asks_at, "owner is asked again before it")]
        assert [(line["at"], line["what"]) for line in lines] == [*question, (letter_at, "relance to leave")]


@pytest.mark.parametrize("paused", [False, True])
def test_the_question_is_asked_while_time_runs(known: Cast, *, paused: bool) -> None:
    """A tick takes time: it asks at the moment of the question all the same, and the letter keeps its own."""
    invoice_id = pending(known)
    if paused:
        known.api("pause_invoice", invoice_id=invoice_id, until=date(2026, 3, 30), reason="promised")
    else:
        send_letter(known, invoice_id)
    while known.task(invoice_id)["status"] == "answered" and known.now() < datetime(2026, 4, 2, tzinfo=UTC):
        looked_at, letter_at = moments(known, invoice_id)
        known.clock.set(looked_at)
        known.clock.run()
        known.tick()
    assert known.task(invoice_id)["status"] == "scheduled"
    assert moments(known, invoice_id) == (letter_at, letter_at)
    assert letter_at - known.now() > timedelta(hours=23)


def test_silence_and_a_promise_are_asked_about_again(known: Cast) -> None:
    """No answer, then a promise for the 26th: asked on the 27th, and the letter leaves on Monday the 30th."""
    invoice_id = known.invoice()
    proven(known)
    known.bring(invoice_id, "expired")
    known.api("pause_invoice", invoice_id=invoice_id, until=date(2026, 3, 26), reason="promised")
    shown = relances(known, invoice_id)["ahead"]
    until_queued(known, invoice_id)
    assert is_leaving(known, invoice_id)
    asked_at = known.mails(invoice_id)[-1]["attempted_at"]
    assert asked_at == datetime(2026, 3, 29, 7, tzinfo=UTC)
    assert known.now() == datetime(2026, 3, 30, 8, tzinfo=UTC)
    assert (shown["asks_at"], shown["leaves_at"]) == (asked_at.isoformat(), known.now().isoformat())


def test_paid_before_the_due_date_and_reopened(known: Cast) -> None:
    """Asked on the due date like any other; the letter waits for that question."""
    invoice_id = known.invoice()
    known.api("answer_invoice_checkin", invoice_id=invoice_id, answer="paid")
    known.api("reopen_invoice", invoice_id=invoice_id, reason=None)
    assert known.task(invoice_id)["scheduled_at"] == datetime(2026, 3, 20, 8, tzinfo=UTC)
    proven(known)
    known.bring(invoice_id, "expired")
    until_due(known, invoice_id)
    assert is_leaving(known, invoice_id)


def test_a_later_check_in_time_asks_no_second_time(known: Cast) -> None:
    """Asked at 9:00, the check-in time moved to 18:00 at noon, pending: the day's question was asked."""
    invoice_id = known.invoice()
    token = known.ask(invoice_id)
    known.clock.set("2026-03-20 12:00 Europe/Paris")
    known.settings(checkin_time="18:00")
    assert known.click(token, "pending") == "pending"
    assert [task["status"] for task in known.rows("checkin_task", invoice_id)] == ["answered"]


STALE = {
    "another address": "update rubis.app_user set email = 'new@atelier.test'",
    "a pause lifted": "update rubis.invoice set paused_until = '2026-03-21';"
    " update rubis.invoice set paused_until = null",
    "a client's pause lifted": "update rubis.client set paused_until = 'infinity';"
    " update rubis.client set paused_until = null",
    "a shorter validity": "update rubis.organization set question_valid_days = 2",
}


@pytest.mark.parametrize("what", STALE)
def test_what_makes_the_word_stale(known: Cast, what: str) -> None:
    """Pending on the 20th, the letter due on the 23rd: asked again on the 22nd, it leaves on time."""
    invoice_id = pending(known)
    assert moments(known, invoice_id)[0] == datetime(2026, 3, 23, 9, tzinfo=UTC)
    known.clock.advance(hours=2)
    for statement in STALE[what].split(";"):
        known.dba(statement)
    proven(known)
    known.dba("update rubis.relance set scheduled_at = scheduled_at + interval '1 second'")
    known.tick()
    assert moments(known, invoice_id)[0] == datetime(2026, 3, 22, 8, tzinfo=UTC)
    until_queued(known, invoice_id)
    assert is_leaving(known, invoice_id)
    assert len(known.mails(invoice_id)) == 2


def test_stale_when_begun(known: Cast) -> None:
    """Queued, and then the owner's address changes: the letter waits for a question to the new one."""
    invoice_id = pending(known)
    until_due(known, invoice_id)
    known.dba("update rubis.app_user set email = 'new@atelier.test'")
    proven(known)
    assert begin_letter(known, invoice_id)["skip_reason"] == "no relance may leave"
    assert moments(known, invoice_id) == (
        datetime(2026, 3, 24, 8, tzinfo=UTC),
        datetime(2026, 3, 25, 9, tzinfo=UTC),
    )


def test_an_answer_taken_back_asks_once_more(known: Cast) -> None:
    """The same question is open again; after its day of silence another one comes before the letter."""
    invoice_id = known.invoice()
    proven(known)
    token: Token = known.ask(invoice_id)
    known.press(token, "paid")
    assert known.undo(token) == "undone"
    assert [task["status"] for task in known.rows("checkin_task", invoice_id)] == ["sent"]
    until_queued(known, invoice_id)
    assert is_leaving(known, invoice_id)
    assert len(known.mails(invoice_id)) == 2


def test_a_held_letter_asks_nothing(known: Cast) -> None:
    """Excluded for a month: no question comes; included again, one does before the letter."""
    invoice_id = pending(known)
    known.update(invoice_id, relances_off=True)
    for _ in range(30):
        known.clock.advance(days=1)
        known.tick()
    assert len(known.rows("checkin_task", invoice_id)) == 1
    known.update(invoice_id, relances_off=False)
    until_queued(known, invoice_id)
    assert is_leaving(known, invoice_id)
    assert len(known.mails(invoice_id)) == 2


def test_a_dba_moves_a_question_and_a_letter(known: Cast) -> None:
    """`update ... set scheduled_at` is enough: the tick follows it."""
    invoice_id = known.invoice()
    at = datetime(2026, 3, 12, 12, tzinfo=UTC)
    known.dba("update rubis.checkin_task set scheduled_at = %s where invoice_id = %s", at, invoice_id)
    assert known.task(invoice_id)["scheduled_at"] == at
    other = pending(known)
    proven(known)
    at = datetime(2026, 4, 7, 12, tzinfo=UTC)
    known.dba("update rubis.relance set scheduled_at = %s where invoice_id = %s", at, other)
    known.tick()
    assert moments(known, other) == (datetime(2026, 4, 6, 7, tzinfo=UTC), at)


def test_the_setting_plans_again(known: Cast) -> None:
    """Longer, letter 2 needs no question; shorter again, it does."""
    invoice_id = pending(known)
    send_letter(known, invoice_id)
    stale = moments(known, invoice_id)
    changed = known.api("update_organization", changes=known.json({"question_valid_days": 30}))
    known.plan_again()
    assert changed["question_valid_days"] == 30
    assert moments(known, invoice_id) == (stale[1], stale[1])
    known.api("update_organization", changes=known.json({"question_valid_days": 7}))
    known.plan_again()
    assert moments(known, invoice_id) == stale
    with known.raises("23514", "organization__question_valid_days"):
        known.api("update_organization", changes=known.json({"question_valid_days": 1}))


def test_the_rule_knows_what_a_settled_invoice_is_not_told(known: Cast) -> None:
    """The client's pause was lifted while the invoice was paid: the word after the reopening counts."""
    invoice_id = pending(known)
    client_id = known.row(invoice_id)["client_id"]
    known.api("pause_client", client_id=client_id, until=date(2026, 3, 29), reason="promised")
    known.api("mark_invoice_paid", invoice_id=invoice_id)
    known.api("resume_client", client_id=client_id)
    known.api("reopen_invoice", invoice_id=invoice_id, reason=None)
    known.clock.advance(seconds=1)
    known.answer(invoice_id, "pending")
    assert send_letter(known, invoice_id)["sent_at"].date() == date(2026, 3, 23)
    assert known.session.rows("select * from audit.rule_word_fresh") == []


def test_the_rule_knows_that_a_zone_may_have_changed(known: Cast) -> None:
    """A pause ended at the midnight of the zone that was; the letter after it stays right in a later zone."""
    invoice_id = pending(known)
    known.settings(time_zone="Pacific/Kiritimati")
    known.api("pause_invoice", invoice_id=invoice_id, until=date(2026, 3, 23), reason="promised")
    known.clock.set("2026-03-24 00:01 Pacific/Kiritimati")
    known.answer(invoice_id, "pending")
    send_letter(known, invoice_id)
    known.settings(time_zone="Asia/Kolkata")
    assert known.session.rows("select * from audit.rule_word_fresh") == []


FORGED = {
    "an old word": "update rubis.mail_item set word_at = word_at - interval '9 days'",
    "reopened": ("invoice_reopened", "{}"),
    "changed": ("invoice_changed", '{"amount_cents": [1, 2]}'),
    "paused": ("relances_paused", '{"until": "2026-03-22"}'),
}


@pytest.mark.parametrize("what", FORGED)
def test_the_rule_finds_a_letter_on_a_stale_word(known: Cast, what: str) -> None:
    """It is empty after a letter that was right, and has a row if its history says otherwise."""
    invoice_id = pending(known)
    send_letter(known, invoice_id)
    rule = "select * from audit.rule_word_fresh"
    assert known.session.rows(rule) == []
    forged = FORGED[what]
    if isinstance(forged, str):
        known.dba("alter table rubis.mail_item disable trigger user")
        known.dba(forged)
    else:
        known.dba(
            "insert into rubis.activity_event (organization_id, invoice_id, kind, data, occurred_at)"
            " select organization_id, invoice_id, %s, %s, attempted_at from audit.letter_invoices",
            *forged,
        )
    assert len(known.session.rows(rule)) == 1


def test_a_letter_waits_for_its_question_and_not_for_the_next_day(known: Cast) -> None:
    """Asked and written at 23:59, it leaves when the question closes, seconds later and on the same day."""
    proven(known)
    known.settings(checkin_time="23:59", relance_time="23:59")
    steps = known.json([{"days_after_due": 1, "tone": "courteous"}])
    known.api("put_relance_plan", relance_plan_id=None, name=None, steps=steps)
    invoice_id = known.invoice(due_on="2026-03-18")
    known.clock.set("2026-03-18 23:59 Europe/Paris")
    known.tick()
    begun = known.begin(invoice_id)
    known.clock.advance(seconds=2)
    known.finish(begun)
    known.clock.set("2026-03-19 23:59 Europe/Paris")
    known.tick()
    assert moments(known, invoice_id)[0] == datetime(2026, 3, 19, 22, 59, 2, tzinfo=UTC)
    known.clock.set("2026-03-19 23:59:02 Europe/Paris")
    known.tick()
    assert is_leaving(known, invoice_id)
