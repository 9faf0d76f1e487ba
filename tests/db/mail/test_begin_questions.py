"""A worker begins a mail of questions: which are still to be asked?"""

from datetime import date, timedelta

import pytest

from tests.support.cast import Cast

LATER = timedelta(minutes=2, microseconds=1)


def test_a_begun_mail_returns_all_that_it_needs(cast: Cast) -> None:
    """To the user, never the client: whom, what, how much, by when; the attempt is on record before."""
    cast.settings(locale="en")
    invoice_id = cast.invoice(number="2026-001")
    cast.queue(invoice_id)
    begun = cast.begin_mail(cast.notices("questions")[0]["mail_id"])
    (mail,) = cast.mails(invoice_id)
    assert begun["tokens"] == {1: mail["token_hash"]}
    assert begun["items"] == [
        {
            "position": 1,
            "token": 1,
            "checkin_task_id": cast.task(invoice_id)["checkin_task_id"],
            "invoice_id": invoice_id,
            "client_name": "Dupont SARL",
            "number": "2026-001",
            "amount_cents": 120_000,
            "currency": "EUR",
            "issued_on": "2026-03-01",
            "due_on": "2026-03-20",
            "reminders": "planned",
            "is_sample": False,
        }
    ]
    assert {name: value for name, value in begun.items() if name not in ("items", "tokens")} == {
        "skip_reason": None,
        "organization_id": cast.organization_id,
        "mail_id": mail["mail_id"],
        "attempt": 1,
        "kind": "questions",
        "message_id": mail["message_id"],
        "to_address": cast.email,
        "full_name": "Camille Martin",
        "organization_name": "Atelier Rubis",
        "locale": "en",
        "time_zone": "Europe/Paris",
        "mail_format": "text",
        "click_mode": "direct",
        "data": {},
    }
    assert (mail["to_address"], mail["attempted_at"]) == (cast.email, cast.now())
    assert (mail["accepted_at"], mail["failed_at"]) == (None, None)


def reminders(cast: Cast, invoice_id: int) -> str:
    """What the mail announces for an answer of pending."""
    said: str = cast.sending(invoice_id)["reminders"]
    return said


def test_the_mail_knows_of_a_client_without_an_address(cast: Cast) -> None:
    """It announces no relance that no client could receive."""
    client_id = cast.client(email=None)
    assert reminders(cast, cast.insert(client_id=client_id)) == "no_address"


@pytest.mark.parametrize("table", ["invoice", "client"])
def test_the_mail_knows_of_an_exclusion(cast: Cast, table: str) -> None:
    """An excluded invoice, or an invoice of an excluded client, gets no relance."""
    invoice_id = cast.invoice()
    cast.dba(f"update rubis.{table} set relances_off = true")
    assert reminders(cast, invoice_id) == "excluded"


@pytest.mark.parametrize(("until", "expected"), [("infinity", "paused"), ("2026-12-31", "planned")])
@pytest.mark.parametrize("table", ["invoice", "client"])
def test_the_mail_knows_of_an_endless_pause(cast: Cast, table: str, until: str, expected: str) -> None:
    """A pause without an end keeps relances away until the user resumes them; one with an end does not."""
    invoice_id = cast.invoice()
    cast.dba(f"update rubis.{table} set paused_until = '{until}'")
    assert reminders(cast, invoice_id) == expected


@pytest.mark.parametrize("merged", [False, True])
def test_the_mail_knows_of_every_name_of_an_address(cast: Cast, *, merged: bool) -> None:
    """What keeps letters back from the address, or from the client that this one is, keeps back this one."""
    client_id = cast.client(email="Compta@Dupont.test")
    invoice_id = cast.insert(client_id=client_id)
    other_id = cast.client(name="Boulangerie Dupont", email=None if merged else "compta@dupont.test")
    if merged:
        cast.api("merge_client", client_id=client_id, into_client_id=other_id)
    else:
        cast.api("update_client", client_id=other_id, changes=cast.json({"relances_off": True}))
    assert reminders(cast, invoice_id) == ("no_address" if merged else "excluded")


def test_the_mail_knows_of_a_plan_without_steps(cast: Cast) -> None:
    """No relance is planned for the invoice."""
    cast.api("put_relance_plan", relance_plan_id=None, name=None, steps=cast.json([]))
    assert reminders(cast, cast.invoice()) == "none"


def test_the_attempt_is_counted_and_leased(cast: Cast) -> None:
    """Three minutes to send; the mail's first attempt, and its question is being sent."""
    invoice_id = cast.invoice()
    cast.sending(invoice_id)
    (mail,) = cast.notices("questions")
    assert (mail["status"], mail["attempts"]) == ("sending", 1)
    assert mail["lease_expires_at"] == cast.now() + timedelta(minutes=3)
    assert cast.task(invoice_id)["status"] == "sending"


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_a_settled_invoice_is_not_asked_about(cast: Cast, status: str) -> None:
    """The mail finds nothing to ask and is cancelled, with the reason."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    cast.update(invoice_id, status=status)
    assert cast.begin(invoice_id)["skip_reason"] == "no question is due"
    assert cast.mails(invoice_id) == []
    (mail,) = cast.notices("questions")
    assert (mail["status"], mail["end_reason"], mail["ended_at"]) == (
        *("cancelled", "no question is due"),
        cast.now(),
    )


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_one_settled_among_others_is_left_out(cast: Cast, status: str) -> None:
    """The mail leaves with the others; the settled one is not in it."""
    settled, open_ = cast.invoice(), cast.invoice()
    cast.queue(settled)
    cast.update(settled, status=status)
    begun = cast.begin(open_)
    assert [item["invoice_id"] for item in begun["items"]] == [open_]
    assert cast.mails(settled) == []


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_an_answered_check_in_is_not_asked(cast: Cast, answer: str) -> None:
    """Answered in the app while its mail waited in the queue."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    cast.api("answer_invoice_checkin", invoice_id=invoice_id, answer=answer)
    assert cast.begin(invoice_id)["skip_reason"] == "no question is due"
    assert cast.mails(invoice_id) == []


def test_a_replaced_check_in_is_not_asked(cast: Cast) -> None:
    """A change while the mail waited: it asks the new question of the new facts, once."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    old = cast.task(invoice_id)["checkin_task_id"]
    cast.update(invoice_id, amount_cents=1)
    cast.clock.advance(minutes=1)
    (item,) = cast.begin(invoice_id)["items"]
    assert (item["checkin_task_id"] > old, item["amount_cents"]) == (True, 1)
    assert cast.rows("checkin_task", invoice_id)[0]["status"] == "cancelled"


def test_a_mail_is_begun_once(cast: Cast) -> None:
    """A second job for the same mail, or one that comes too late, does nothing, whatever its status."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    mail_id = cast.notices("questions")[0]["mail_id"]
    begun = cast.begin(invoice_id)
    for status in ("sending", "scheduled", "sent"):
        if status == "scheduled":
            cast.fail(begun, "temporary")
        elif status == "sent":
            cast.finish(cast.sending(invoice_id))
        before = cast.effects(invoice_id), cast.mails(invoice_id)
        assert cast.begin_mail(mail_id)["skip_reason"] == f"mail is {status}"
        assert (cast.effects(invoice_id), cast.mails(invoice_id)) == before


def test_what_falls_due_within_two_minutes_goes_along(cast: Cast) -> None:
    """An evening's typing makes few mails: the question of a minute ago takes the one of now with it."""
    first = cast.invoice(due_on=date(2026, 3, 1))
    cast.clock.advance(minutes=1)
    second = cast.invoice(due_on=date(2026, 2, 1), issued_on=date(2026, 1, 1))
    assert cast.task(second)["scheduled_at"] > cast.now()
    begun = cast.sending(first)
    assert [item["invoice_id"] for item in begun["items"]] == [second, first]
    later = cast.invoice(due_on=date(2026, 3, 1))
    move_question(cast, later, timedelta(minutes=2, microseconds=1))
    cast.finish(begun)
    assert cast.tick()["queued"] == 0
    assert cast.task(later)["status"] == "scheduled"


@pytest.mark.parametrize(("after", "goes_along"), [(timedelta(minutes=2), True), (LATER, False)])
def test_two_minutes_end_at_their_microsecond(cast: Cast, after: timedelta, *, goes_along: bool) -> None:
    """A question due in exactly two minutes goes along, one due a microsecond later does not."""
    due, next_ = cast.invoice(), cast.invoice()
    cast.queue(due)
    move_question(cast, next_, after)
    assert (next_ in {item["invoice_id"] for item in cast.begin(due)["items"]}) is goes_along


def test_the_most_overdue_stand_first(cast: Cast) -> None:
    """By due date, then in the order of their issue; each has a token of its own."""
    days = (9, 2, 5, 2)
    ids = [cast.invoice(issued_on=date(2026, 1, 1), due_on=date(2026, 2, day)) for day in days]
    begun = cast.sending(ids[0])
    assert [item["invoice_id"] for item in begun["items"]] == [ids[1], ids[3], ids[2], ids[0]]
    assert [item["position"] for item in begun["items"]] == [1, 2, 3, 4]
    assert len(set(begun["tokens"].values())) == 4


def test_a_mail_holds_as_many_questions_as_the_organization_wants(cast: Cast) -> None:
    """With two questions a mail, five make three mails, one after the other, the most overdue first."""
    cast.settings(questions_per_mail=2)
    days = (9, 2, 5, 3, 7)
    ids = {day: cast.invoice(issued_on=date(2026, 1, 1), due_on=date(2026, 2, day)) for day in days}
    mailed = []
    cast.clock.advance(minutes=2)
    for _ in range(3):
        cast.tick()
        (mail,) = [row for row in cast.notices("questions") if row["status"] == "queued"]
        begun = cast.begin_mail(mail["mail_id"])
        mailed.append([item["invoice_id"] for item in begun["items"]])
        cast.finish(begun)
    assert mailed == [[ids[2], ids[3]], [ids[5], ids[7]], [ids[9]]]
    assert cast.tick()["queued"] == 0


def test_a_retried_mail_carries_what_is_due_at_the_retry(cast: Cast) -> None:
    """Paid meanwhile: left out. Fallen due meanwhile: taken along. The attempt before keeps its items."""
    stays, paid = cast.invoice(), cast.invoice()
    first = cast.sending(stays)
    cast.fail(first, "temporary")
    cast.api("mark_invoice_paid", invoice_id=paid)
    joins = cast.invoice(due_on=date(2026, 3, 1))
    cast.clock.advance(minutes=1)
    second = cast.sending(stays)
    assert (second["mail_id"], second["attempt"]) == (first["mail_id"], 2)
    assert {item["invoice_id"] for item in first["items"]} == {stays, paid}
    assert {item["invoice_id"] for item in second["items"]} == {stays, joins}
    assert len(cast.mails(paid)) == 1
    assert cast.click(first["token"]) == "paid"


def test_questions_of_another_user_go_to_that_user(cast: Cast) -> None:
    """Each user is asked about the invoices that the user issued, in a mail of their own."""
    colleague = cast.dba(
        "insert into rubis.app_user (organization_id, email, full_name, password_hash)"
        " values (%s, 'colleague@atelier.test', 'Dominique', '$argon2id$x') returning user_id",
        cast.organization_id,
    )[0]["user_id"]
    mine, theirs = cast.invoice(), cast.insert(user_id=colleague)
    cast.queue(mine)
    begun = {mail["user_id"]: cast.begin_mail(mail["mail_id"]) for mail in cast.notices("questions")}
    assert [item["invoice_id"] for item in begun[cast.user_id]["items"]] == [mine]
    assert [item["invoice_id"] for item in begun[colleague]["items"]] == [theirs]
    assert begun[colleague]["to_address"] == "colleague@atelier.test"


def test_a_late_worker_may_still_begin(cast: Cast) -> None:
    """The lease ran out, but no tick has taken the mail back: it leaves once."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    cast.clock.advance(hours=1)
    assert cast.begin(invoice_id)["skip_reason"] is None
    assert cast.tick()["queued"] == 0


def test_a_mail_goes_to_the_issuers_address_of_today(cast: Cast) -> None:
    """A changed address, or another issuer, receives the question."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    new = f"new-{cast.email}"
    cast.dba("update rubis.app_user set email = %s where user_id = %s", new, cast.user_id)
    assert cast.begin(invoice_id)["to_address"] == new


def test_years_of_attempts_can_be_counted(cast: Cast) -> None:
    """An operator's failure is retried every five minutes: three months of that is as far as numbers go."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    cast.dba("update rubis.mail set attempts = 32766 where organization_id = %s", cast.organization_id)
    assert cast.begin(invoice_id)["attempt"] == 32767


def move_question(cast: Cast, invoice_id: int, after: timedelta) -> None:
    """A DBA puts a question off."""
    cast.dba(
        "update rubis.checkin_task set scheduled_at = rubis.clock() + %s"
        " where organization_id = %s and invoice_id = %s and status = 'scheduled'",
        *(after, cast.organization_id, invoice_id),
    )
