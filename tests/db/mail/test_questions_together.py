"""The questions of one user that are due together go in one mail, and each is answered by itself."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.cast import ASKED_AT, Cast
from tests.support.letters import accept_another, proven
from tests.support.line import Token

MICROSECOND = timedelta(microseconds=1)
MORNING = datetime(2026, 3, 3, 8, tzinfo=UTC)
"""The check-in time of the day after a story begins."""


@pytest.fixture(autouse=True)
def known(cast: Cast) -> None:
    """The user's address is proven, so questions are not held."""
    proven(cast)


def overdue(cast: Cast, count: int) -> list[int]:
    """So many invoices that are asked about in a minute; the last issued is the most overdue."""
    return [
        cast.invoice(issued_on=date(2026, 1, 1), due_on=date(2026, 2, 28) - timedelta(days=days))
        for days in range(count)
    ]


def asked_together(cast: Cast, count: int) -> list[tuple[int, Token]]:
    """So many invoices asked about by one mail, with the token of each."""
    invoices = overdue(cast, count)
    cast.ask(invoices[0])
    assert len({cast.mails(invoice_id)[0]["mail_id"] for invoice_id in invoices}) == 1
    return [(invoice_id, cast.tokens[invoice_id]) for invoice_id in invoices]


def statuses(cast: Cast, invoices: list[int]) -> list[str]:
    """Where the latest question about each invoice stands."""
    return [cast.task(invoice_id)["status"] for invoice_id in invoices]


def test_one_mail_asks_all_that_is_due_most_overdue_first(cast: Cast) -> None:
    """Three questions are one mail: each has its facts and a token of its own, and all are asked by it."""
    invoices = overdue(cast, 3)
    begun = cast.sending(invoices[0])
    assert [item["invoice_id"] for item in begun["items"]] == invoices[::-1]
    assert [item["position"] for item in begun["items"]] == [1, 2, 3]
    for item in begun["items"]:
        row = cast.row(item["invoice_id"])
        assert (item["number"], item["client_name"]) == (row["number"], "Dupont SARL")
        assert (item["amount_cents"], item["currency"]) == (120_000, "EUR")
        assert (item["issued_on"], item["due_on"]) == ("2026-01-01", row["due_on"].isoformat())
    assert len(set(begun["tokens"].values())) == 3
    assert statuses(cast, invoices) == ["sending"] * 3
    cast.clock.advance(seconds=5)
    cast.finish(begun)
    for invoice_id in invoices:
        task = cast.task(invoice_id)
        assert (task["status"], task["sent_at"]) == ("sent", cast.now())
        assert task["expires_at"] == cast.now() + timedelta(hours=24)
        assert cast.kinds(invoice_id) == ["invoice_created", "checkin_sent"]


@pytest.mark.parametrize(("later", "joins"), [(0 * MICROSECOND, True), (MICROSECOND, False)])
def test_what_falls_due_within_two_minutes_joins(cast: Cast, later: timedelta, *, joins: bool) -> None:
    """Beginning a mail takes a question that is due in two minutes, and none that is due later."""
    first, second = overdue(cast, 2)
    due_at = cast.task(first)["scheduled_at"]
    cast.dba(
        "update rubis.checkin_task set scheduled_at = %s where invoice_id = %s",
        due_at + timedelta(minutes=2) + later,
        second,
    )
    begun = cast.sending(first)
    assert cast.now() == due_at
    assert (second in [item["invoice_id"] for item in begun["items"]]) is joins
    assert cast.task(second)["status"] == ("sending" if joins else "scheduled")


def test_a_mail_holds_at_most_so_many_questions(cast: Cast) -> None:
    """The others go in the next mails, the less overdue later. The setting says how many, else it is 25."""
    cast.settings(questions_per_mail=2)
    invoices = overdue(cast, 5)
    carried = []
    for oldest in (4, 2, 0):
        begun = cast.sending(invoices[oldest])
        carried.append([item["invoice_id"] for item in begun["items"]])
        cast.finish(begun)
    assert carried == [[invoices[4], invoices[3]], [invoices[2], invoices[1]], [invoices[0]]]
    fresh = Cast(cast.line)
    many = overdue(fresh, 26)
    assert len(fresh.sending(many[25])["items"]) == 25
    assert fresh.task(many[0])["status"] == "scheduled"


def test_a_user_gets_four_mails_of_questions_a_day(cast: Cast) -> None:
    """The fifth is put off to the next check-in time, where the question's row shows it, and leaves then."""
    cast.dba("alter table rubis.organization disable trigger user")
    cast.dba(
        "update rubis.organization set question_mails_per_day = default where organization_id = %s",
        cast.organization_id,
    )
    for _ in range(4):
        cast.ask(cast.invoice(issued_on=date(2026, 1, 1), due_on=date(2026, 2, 1)))
        cast.clock.advance(minutes=5)
    fifth, sixth = overdue(cast, 2)
    cast.clock.advance(minutes=1)
    cast.tick()
    assert cast.queued_mail(fifth) is None
    assert [cast.task(late)["scheduled_at"] for late in (fifth, sixth)] == [MORNING] * 2
    assert statuses(cast, [fifth, sixth]) == ["scheduled"] * 2
    cast.clock.set(MORNING - MICROSECOND)
    cast.tick()
    assert cast.queued_mail(fifth) is None
    cast.clock.set(MORNING)
    cast.tick()
    assert len(cast.begin(fifth)["items"]) == 2


@pytest.mark.parametrize(
    ("failure_class", "counts"),
    [(None, True), ("unknown", True), ("temporary", False), ("operator", False)],
)
def test_a_mail_counts_that_may_have_been_read(
    cast: Cast, failure_class: str | None, *, counts: bool
) -> None:
    """One is accepted or its fate is unknown: it counts for the day. One that did not leave does not."""
    cast.settings(question_mails_per_day=1)
    invoice_id = cast.invoice(issued_on=date(2026, 1, 1), due_on=date(2026, 2, 1))
    begun = cast.sending(invoice_id)
    if failure_class is None:
        cast.finish(begun)
        (invoice_id,) = overdue(cast, 1)
    else:
        cast.fail(begun, failure_class)
    for _ in range(3):
        cast.clock.advance(minutes=2)
        cast.tick()
        if cast.queued_mail(invoice_id) is not None and cast.begin(invoice_id)["skip_reason"] is None:
            break
    assert cast.task(invoice_id)["status"] == ("scheduled" if counts else "sending")
    assert (cast.task(invoice_id)["scheduled_at"] == MORNING) is counts


def test_asking_by_hand_is_outside_the_days_number(cast: Cast) -> None:
    """It is mailed though the number is used up, takes no planned question along, and counts for nothing."""
    cast.settings(question_mails_per_day=1)
    wanted, again = overdue(cast, 2)
    for invoice_id in (wanted, again):
        cast.api("ask_checkin_again", invoice_id=invoice_id)
    cast.ask(wanted)
    planned = cast.invoice(issued_on=date(2026, 1, 1), due_on=date(2026, 2, 1))
    cast.ask(planned)
    cast.clock.advance(minutes=1)
    (late,) = overdue(cast, 1)
    cast.clock.advance(minutes=2)
    cast.api("ask_checkin_again", invoice_id=again)
    begun = cast.sending(again)
    assert [item["invoice_id"] for item in begun["items"]] == [again]
    assert cast.task(late)["scheduled_at"] == MORNING


def test_asking_after_a_late_paid_is_outside_the_days_number(cast: Cast) -> None:
    """A click on paid came too late: the user is asked again on a day whose one mail has left."""
    cast.settings(question_mails_per_day=1)
    invoice_id, token = cast.asked(issued_on=date(2026, 1, 1), due_on=date(2026, 2, 1))
    cast.clock.advance(hours=24)
    cast.tick()
    cast.asked(issued_on=date(2026, 1, 1), due_on=date(2026, 2, 1))
    assert cast.click(token, "paid") == "expired"
    cast.tick()
    assert [item["invoice_id"] for item in cast.begin(invoice_id)["items"]] == [invoice_id]


def test_each_link_answers_its_own_question(cast: Cast) -> None:
    """Paid, pending, contradicted, undone, left alone: each concerns one question of the mail."""
    asked = asked_together(cast, 5)
    invoices = [invoice_id for invoice_id, _ in asked]
    paid, pending, contradicted, undone, _ = (token for _, token in asked)
    assert cast.click(paid, "paid") == "paid"
    assert cast.click(pending, "pending") == "pending"
    assert [cast.click(contradicted, answer) for answer in ("paid", "pending")] == ["paid", "confirm"]
    assert [cast.click(undone, "paid"), cast.undo(undone)] == ["paid", "undone"]
    assert statuses(cast, invoices) == ["answered", "answered", "sent", "sent", "sent"]
    assert [cast.row(invoice_id)["status"] for invoice_id in invoices] == ["paid", *["open"] * 4]
    assert [cast.task(invoice_id)["contradicted_at"] is not None for invoice_id in invoices] == [
        *(False, False, True),
        *(False, False),
    ]
    assert cast.rubis() == 1
    assert [len(cast.clicks(token)) for _, token in asked] == [1, 1, 2, 2, 0]
    cast.clock.advance(hours=24)
    assert cast.tick()["expired"] == 3
    assert statuses(cast, invoices) == ["answered", "answered", "expired", "expired", "expired"]


def test_each_page_shows_its_own_question(cast: Cast) -> None:
    """The page of each token is about one invoice, and has its buttons."""
    for invoice_id, token in asked_together(cast, 2):
        page = cast.look(token)
        assert (page["number"], page["may"]) == (cast.row(invoice_id)["number"], ["paid", "pending"])


def test_links_outlive_a_retry_that_carries_other_questions(cast: Cast) -> None:
    """The first attempt's fate is unknown; one of its questions was answered, one came: all links work."""
    answered, both = overdue(cast, 2)
    first = cast.sending(answered)
    items = cast.mails(answered) + cast.mails(both)
    tokens = {item["invoice_id"]: first["tokens"][item["position"]] for item in first["items"]}
    cast.fail(first, "unknown")
    assert cast.click(tokens[answered], "pending") == "pending"
    (new,) = overdue(cast, 1)
    cast.clock.advance(minutes=2)
    second = cast.sending(both)
    assert {item["invoice_id"] for item in second["items"]} == {both, new}
    assert (second["mail_id"], second["attempt"]) == (first["mail_id"], 2)
    cast.finish(second)
    assert cast.click(tokens[both], "paid") == "paid"
    assert cast.row(both)["status"] == "paid"
    assert cast.click(cast.tokens[new], "pending") == "pending"
    kept = ("mail_id", "attempt", "position", "checkin_task_id", "token_hash")
    now = cast.mails(answered) + cast.mails(both)[:1]
    assert [[row[name] for name in kept] for row in now] == [[row[name] for name in kept] for row in items]


def test_what_is_settled_meanwhile_is_left_out(cast: Cast) -> None:
    """Between the queue and the attempt one invoice is paid: the mail carries the rest, or nothing."""
    paid, cancelled, rest = overdue(cast, 3)
    cast.queue(paid)
    cast.api("mark_invoice_paid", invoice_id=paid)
    cast.api("cancel_invoice", invoice_id=cancelled)
    begun = cast.begin(rest)
    assert [item["invoice_id"] for item in begun["items"]] == [rest]
    cast.fail(begun, "temporary")
    cast.api("mark_invoice_paid", invoice_id=rest)
    cast.clock.advance(minutes=2)
    cast.tick()
    assert cast.begin(rest)["skip_reason"] == "no question is due"
    assert [mail["status"] for mail in cast.notices("questions")] == ["cancelled"]


def test_each_question_has_its_own_day_of_tries(cast: Cast) -> None:
    """One that joined a failing mail after 22 hours is tried on when the first is given up."""
    (first,) = overdue(cast, 1)
    began_at = cast.task(first)["scheduled_at"]
    joined = None
    for attempt in range(40):
        begun = cast.sending(first)
        if attempt == 0:
            accept_another(cast)
        cast.fail(begun, "temporary")
        if cast.task(first)["status"] == "failed":
            break
        if joined is None and cast.now() >= began_at + timedelta(hours=22):
            (joined,) = overdue(cast, 1)
    assert joined is not None
    assert cast.now() >= began_at + timedelta(hours=24)
    assert statuses(cast, [first, joined]) == ["failed", "scheduled"]
    assert cast.kinds(first)[-1] == "checkin_failed"
    assert len(cast.mails(first)) > len(cast.mails(joined)) > 0
    cast.ask(joined)
    assert cast.task(joined)["status"] == "sent"


def test_a_refused_address_fails_every_question_of_the_mail(cast: Cast) -> None:
    """Each has its event; those that are due later are tried by a mail of their own."""
    invoices = overdue(cast, 2)
    later = cast.invoice()
    cast.fail(cast.sending(invoices[0]), "refused")
    assert statuses(cast, [*invoices, later]) == ["failed", "failed", "scheduled"]
    assert [cast.kinds(invoice_id)[-1] for invoice_id in invoices] == ["checkin_failed"] * 2
    assert cast.task(later)["scheduled_at"] == ASKED_AT
    cast.ask(later)


@pytest.mark.parametrize("fate", ["accepted", "refused"])
def test_what_falls_due_while_a_mail_is_on_its_way_is_asked_next(cast: Cast, fate: str) -> None:
    """Ticks passed it by for the mail on its way; that one's end lets the next tick ask, whatever the end."""
    invoice_id = cast.invoice(issued_on=date(2026, 1, 1), due_on=date(2026, 2, 1))
    begun = cast.sending(invoice_id)
    later = cast.invoice()
    at = cast.now() + timedelta(minutes=2, seconds=1)
    cast.dba("update rubis.checkin_task set scheduled_at = %s where invoice_id = %s", at, later)
    for _ in range(2):
        cast.clock.set(at)
        cast.tick()
        at += timedelta(seconds=5)
    assert (cast.task(later)["status"], cast.mails(later)) == ("scheduled", [])
    if fate == "accepted":
        cast.finish(begun)
    else:
        cast.fail(begun, "refused")
    cast.tick()
    assert [item["invoice_id"] for item in cast.begin(later)["items"]] == [later]


def test_users_have_mails_of_their_own(cast: Cast) -> None:
    """Two users of one organization: each is asked about the own invoices only."""
    (colleague,) = cast.dba(
        "insert into rubis.app_user (organization_id, email, full_name, password_hash, email_proven_at)"
        " select organization_id, 'colleague@atelier.test', 'Zoe', password_hash, rubis.clock()"
        " from rubis.app_user where user_id = %s returning user_id",
        cast.user_id,
    )
    mine, hers = overdue(cast, 2)
    cast.update(hers, user_id=colleague["user_id"])
    cast.queue(mine)
    to = {invoice_id: cast.begin(invoice_id) for invoice_id in (mine, hers)}
    assert [to[invoice_id]["to_address"] for invoice_id in (mine, hers)] == [
        cast.email,
        "colleague@atelier.test",
    ]
    for invoice_id, begun in to.items():
        assert [item["invoice_id"] for item in begun["items"]] == [invoice_id]


def test_a_program_that_follows_all_links_of_one_mail_is_one_mail(cast: Cast) -> None:
    """The advice to use click_mode confirm counts contradicted mails: three questions of one are one."""

    def advised() -> object:
        return cast.api("get_me")["organization"]["click_mode_advice"]

    def follow(asked: list[tuple[int, Token]]) -> None:
        for _, token in asked:
            assert [cast.click(token, answer) for answer in ("paid", "pending")] == ["paid", "confirm"]

    follow(asked_together(cast, 3))
    assert (advised(), cast.notices("click_mode_advice")) == (None, [])
    cast.clock.advance(minutes=5)
    follow(asked_together(cast, 2))
    assert advised() == "confirm"
    assert len(cast.notices("click_mode_advice")) == 1
