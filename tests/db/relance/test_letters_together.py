"""Letters about several invoices of one client: who joins, what is shown ahead, what the user decides."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.letters import (
    begin_letter,
    confirm_letter,
    confirm_or_resend,
    fail_letter,
    finish_letter,
    pending,
    proven,
    queued_letter,
    relances,
    sending_letter,
    until_queued,
)


def three(cast: Cast) -> list[int]:
    """Three invoices of one client, each answered pending; the letter of the first is being sent."""
    ids = [pending(cast, number=f"F-{n}") for n in (1, 2, 3)]
    cast.settings(client_spacing_days=2)
    return ids


def statuses(cast: Cast, ids: list[int]) -> list[str]:
    """The status of each invoice's last relance."""
    return [cast.rows("relance", invoice_id)[-1]["status"] for invoice_id in ids]


def test_the_preview_is_the_letter_that_leaves(known: Cast) -> None:
    """It shows every invoice that the letter then names, and the moment at which it leaves."""
    ids = three(known)
    shown = known.api("preview_relance", invoice_id=ids[1])
    assert relances(known, ids[1])["ahead"]["leaves_at"] == shown["leaves_at"]
    begun = sending_letter(known, ids[0])
    assert [i["invoice_id"] for i in begun["invoices"]] == ids
    assert [i["invoice_id"] for i in shown["letter"]["invoices"]] == ids
    assert [i["days_late"] for i in begun["invoices"]] == [
        i["days_late"] for i in shown["letter"]["invoices"]
    ]


@pytest.mark.parametrize(("resend", "status"), [(False, "sent"), (True, "scheduled")])
def test_the_user_decides_about_the_whole_letter(known: Cast, status: str, *, resend: bool) -> None:
    """Confirmed or sent again for one invoice, it is so for all but the one that was paid meanwhile."""
    ids = three(known)
    begun = sending_letter(known, ids[0])
    fail_letter(known, begun, "unknown")
    assert statuses(known, ids) == ["unconfirmed"] * 3
    known.update(ids[2], status="paid")
    confirm_or_resend(known, known.rows("relance", ids[0])[-1]["relance_id"], resend=resend)
    decided: list[Any] = [known.rows("relance", invoice_id)[0]["status"] for invoice_id in ids]
    assert decided == [status, status, "cancelled"]
    assert known.dba("select status from rubis.mail where kind = 'letter'")[0]["status"] == (
        "unconfirmed" if resend else "sent"
    )


def test_two_letters_to_one_address_keep_their_distance(known: Cast) -> None:
    """What is due within client_spacing_days after a letter is shown for, and leaves, when they are over."""
    first = pending(known, number="F-1")
    second = pending(known, number="F-2")
    known.settings(client_spacing_days=5)
    known.api("pause_invoice", invoice_id=second, until=date(2026, 4, 30), reason=None)
    finish_letter(known, sending_letter(known, first))
    left_on = known.now().date()
    known.api("resume_invoice", invoice_id=second)
    shown = relances(known, second)["ahead"]
    begun = sending_letter(known, second)
    assert (shown["leaves_at"][:10], shown["reason"]) == (str(known.now().date()), "client_spacing")
    assert known.now().date() - left_on >= timedelta(days=5)
    assert second in [invoice["invoice_id"] for invoice in begun["invoices"]]


def test_a_formal_notice_goes_alone_and_first(known: Cast) -> None:
    """The rest joins the next letter, and its preview says so before."""
    known.settings(client_spacing_days=2)
    steps = [{"days_after_due": 3, "tone": "formal_notice"}]
    known.api("put_relance_plan", relance_plan_id=None, name=None, steps=known.json(steps))
    notice = pending(known, number="F-1")
    steps[0]["tone"] = "firm"
    plan = known.api("create_relance_plan", name="Firm", steps=known.json(steps))
    known.dba(
        "update rubis.relance set tone = 'firm', relance_plan_id = %s where invoice_id = %s",
        plan["relance_plan_id"],
        (other := pending(known, number="F-2")),
    )
    shown = {i: known.api("preview_relance", invoice_id=i) for i in (notice, other)}
    assert [i["invoice_id"] for i in shown[notice]["letter"]["invoices"]] == [notice]
    assert [i["invoice_id"] for i in shown[other]["letter"]["invoices"]] == [other]
    assert shown[notice]["leaves_at"] < shown[other]["leaves_at"]
    begun = sending_letter(known, other)
    assert (begun["tone"], [i["invoice_id"] for i in begun["invoices"]]) == ("formal_notice", [notice])


def test_the_quota_counts_24_hours_whatever_the_zone_is(known: Cast) -> None:
    """A zone where it is another day gives no letter more before the last one is a day old."""
    known.settings(client_spacing_days=0)
    known.dba(
        "update rubis.organization set daily_relance_quota = 1 where organization_id = %s",
        known.organization_id,
    )
    first = pending(known, number="F-1", client_name="A", client_email="a@a.test")
    second = pending(known, number="F-2", client_name="B", client_email="b@b.test")
    finish_letter(known, sending_letter(known, first))
    left_at = known.now()
    known.dba(
        "update rubis.organization set relance_time = '00:01', time_zone = 'Pacific/Pago_Pago'"
        " where organization_id = %s",
        known.organization_id,
    )
    assert begin_letter(known, second)["skip_reason"] is not None
    known.plan_again()
    assert relances(known, second)["ahead"]["leaves_at"] >= (left_at + timedelta(hours=24)).isoformat()


def test_the_text_of_a_letter_is_kept_for_each_of_its_invoices(known: Cast) -> None:
    """The owner reads it word for word, and of which invoices it was; the timeline names the mail."""
    ids = three(known)
    begun = sending_letter(known, ids[0])
    finish_letter(known, begun)
    (letter,) = known.api("list_invoice_letters", invoice_id=ids[1])["items"]
    assert (letter["subject"], letter["body"], letter["status"]) == ("Facture", "Bonjour", "sent")
    assert letter["invoice_ids"] == ids
    told = known.dba("select what, detail from audit.invoice_timeline where invoice_id = %s", ids[1])
    assert (f"letter mail {begun['mail_id']} accepted", "item 2 of 3") in [
        (row["what"], row["detail"].rpartition("; ")[2]) for row in told
    ]
    assert known.dba("select body, invoice_ids from audit.letters") == [
        {"body": "Bonjour", "invoice_ids": ids}
    ]


def test_the_letter_ahead_names_200_of_many_invoices(known: Cast) -> None:
    """So many relances of an address are looked at, however many are due, so that a preview is quick."""
    proven(known)
    invoice_id = pending(known, number="F-0")
    known.dba(
        "insert into rubis.invoice (organization_id, client_id, user_id, number, amount_cents, currency,"
        " issued_on, due_on) select organization_id, client_id, user_id, 'M-' || n, 1000, currency,"
        " issued_on, due_on from rubis.invoice, generate_series(1, 300) as n where invoice_id = %s",
        invoice_id,
    )
    known.dba(
        "update rubis.checkin_task set status = 'answered', answer = 'still_pending',"
        " answered_via = 'app', answered_at = rubis.clock() where status = 'scheduled'"
    )
    shown = known.api("preview_relance", invoice_id=invoice_id)
    assert len(shown["letter"]["invoices"]) == 200


def test_a_client_whose_address_changed_is_left_out_of_a_queued_letter(known: Cast) -> None:
    """Two clients of one address, and one gets another: the letter to the old one names its invoice no more.

    It leaves to the new address in a letter of its own.
    """
    stays = pending(known, number="F-1", client_name="Stays", client_email="both@clients.test")
    moves = pending(
        known,
        number="F-2",
        client_name="Moves",
        client_email="both@clients.test",
        issued_on=date(2026, 3, 2),
        due_on=date(2026, 3, 20),
    )
    until_queued(known, moves)
    known.dba("update rubis.mail set client_id = %s where kind = 'letter'", known.row(moves)["client_id"])
    letter = queued_letter(known, stays)
    assert letter is not None
    known.dba(
        "update rubis.client set email = 'new@clients.test' where client_id = %s",
        known.row(moves)["client_id"],
    )
    begun = known.begin_mail(letter["mail_id"])
    assert [invoice["invoice_id"] for invoice in begun["invoices"]] == [stays]
    begun = sending_letter(known, moves)
    assert (begun["to_address"], len(begun["invoices"])) == ("new@clients.test", 1)


def test_the_rule_finds_two_letters_to_one_address_too_near_each_other(known: Cast) -> None:
    """It is empty after letters that kept their distance, and has a row if one had to keep more."""
    first = pending(known, number="F-1")
    known.settings(client_spacing_days=2)
    finish_letter(known, sending_letter(known, first))
    second = pending(known, number="F-2", due_on=date(2026, 3, 23))
    finish_letter(known, sending_letter(known, second))
    rule = "select mail_id, earlier_at from audit.rule_relance_spacing"
    assert known.dba(
        "select array_agg(spacing_days) as days from rubis.mail_attempt where spacing_days is not null"
    ) == [{"days": [2, 2]}]
    assert known.session.rows(rule) == []
    known.dba("update rubis.mail_attempt set spacing_days = 9 where spacing_days is not null")
    assert len(known.session.rows(rule)) == 1


def test_the_page_of_a_question_shows_the_letter_that_its_relance_joins(known: Cast) -> None:
    """Two days after a letter to the same address, and not on the day of its own plan."""
    first = pending(known, number="F-1")
    second = pending(known, number="F-2", due_on=date(2026, 3, 21))
    known.settings(client_spacing_days=5)
    known.plan_again()
    shown = known.look(known.tokens[second])["relance"]
    assert shown["leaves_at"][:10] == "2026-03-30"
    finish_letter(known, sending_letter(known, first))
    begun = sending_letter(known, second)
    assert str(known.now().date()) == "2026-03-30"
    assert second in [invoice["invoice_id"] for invoice in begun["invoices"]]


def test_what_may_no_longer_be_said_is_left_out_and_the_rest_leaves(known: Cast) -> None:
    """One is excluded once the letter is queued, one is paid while it is in hand; it is about the third."""
    ids = three(known)
    until_queued(known, ids[0])
    known.update(ids[0], relances_off=True)
    begun = begin_letter(known, ids[1])
    assert [invoice["invoice_id"] for invoice in begun["invoices"]] == ids[1:]
    known.api("mark_invoice_paid", invoice_id=ids[1])
    confirmed = confirm_letter(known, begun)
    assert [invoice["invoice_id"] for invoice in confirmed["letter"]["invoices"]] == ids[2:]
    finish_letter(known, begun)
    assert statuses(known, ids) == ["held", "cancelled", "scheduled"]
    assert [known.rows("relance", i)[0]["status"] for i in ids] == ["held", "cancelled", "sent"]
