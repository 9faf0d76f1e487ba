"""Today shows what waits for the user, what is held and why, and what comes next, as it then comes."""

from typing import Any

from tests.support.cast import Cast
from tests.support.letters import (
    begin_letter,
    fail_letter,
    is_leaving,
    pending,
    until_due,
    until_queued,
)


def today(cast: Cast) -> Any:
    """What Today shows."""
    return cast.api("show_today")


def numbers(shown: Any) -> list[str]:
    """The numbers of the invoices of a list, in its order."""
    return [item["invoice"]["number"] for item in shown["items"]]


def test_nothing_is_there_yet(cast: Cast) -> None:
    """A new organization: no list has an item, and the address is still to be proven."""
    shown = today(cast)
    assert [shown[name]["total"] for name in ("questions", "held", "promises", "undecided")] == [0] * 4
    assert (shown["next"], shown["money"]["owed"], shown["money"]["received"]) == ([], [], [])
    assert shown["start"] == {
        "address": cast.email,
        "address_proven": False,
        "has_invoices": False,
        "sample": None,
        "sample_asked": False,
        "next_at": None,
    }


def test_a_question_waits_from_its_mail_to_its_answer(known: Cast) -> None:
    """The oldest due comes first, with the letter that waits; an answer or 24 hours take it away."""
    invoices = [
        known.invoice(number=number, due_on=f"2026-03-{day}") for number, day in (("b", 20), ("a", 18))
    ]
    known.clock.set("2026-03-20 09:00 Europe/Paris")
    known.tick()
    assert today(known)["questions"]["total"] == 0
    known.ask(invoices[0])
    shown = today(known)["questions"]
    assert (shown["total"], numbers(shown)) == (2, ["a", "b"])
    assert [item["invoice"]["days_late"] for item in shown["items"]] == [2, 0]
    asked = shown["items"][0]
    assert (asked["asked_at"], asked["until"]) == ("2026-03-20T08:00:00+00:00", "2026-03-21T08:00:00+00:00")
    assert (asked["relance"]["step"], asked["relance"]["tone"], asked["said_paid_at"]) == (
        1,
        "courteous",
        None,
    )
    known.answer(invoices[1], "pending")
    assert numbers(today(known)["questions"]) == ["b"]
    known.clock.advance(hours=24)
    assert today(known)["questions"]["total"] == 0


def test_paid_that_did_not_count_waits_for_a_decision(known: Cast) -> None:
    """A late click on paid: the invoice is among the questions, after its links too, until it is decided."""
    invoice_id, token = known.asked(number="said")
    known.clock.advance(hours=25)
    known.tick()
    known.click(token, "paid")
    (item,) = today(known)["questions"]["items"]
    assert (item["invoice"]["number"], item["asked_at"], item["relance"]["status"]) == ("said", None, "held")
    assert item["said_paid_at"] == known.now().isoformat()
    assert today(known)["held"]["total"] == 0
    known.clock.advance(minutes=1)
    known.answer(invoice_id, "pending")
    assert today(known)["questions"]["total"] == 0


def test_what_is_held_names_the_act_that_frees_it(known: Cast) -> None:
    """No address, an excluded invoice, a client paused without end: each with its remedy."""
    cases = {
        "no address": known.issue(number="no address", client_name="Sans adresse", client_email=None),
        "excluded": known.issue(number="excluded", client_name="Exclu", client_email="x@c.test"),
        "paused": known.issue(number="paused", client_name="En pause", client_email="p@c.test"),
    }
    excluded = cases["excluded"]["invoice_id"]
    known.api("update_invoice", invoice_id=excluded, changes=known.json({"relances_off": True}))
    known.dba(
        "update rubis.client set paused_until = 'infinity' where client_id = %s",
        cases["paused"]["client"]["client_id"],
    )
    for issued in cases.values():
        known.click(known.ask(issued["invoice_id"]), "pending")
    for issued in cases.values():
        until_due(known, issued["invoice_id"])
    found = {
        item["invoice"]["number"]: (item["reason"], item["remedy"]) for item in today(known)["held"]["items"]
    }
    assert found == {
        "no address": ("no_address", "add_address"),
        "excluded": ("invoice_excluded", "include"),
        "paused": ("paused", "resume_client"),
    }


def test_what_comes_next_comes(known: Cast) -> None:
    """Questions at one moment are one step, letters to one address too; both come when they are shown."""
    known.settings(client_spacing_days=2)
    for number, amount in (("1", 100), ("2", 250)):
        known.invoice(number=number, amount_cents=amount)
    other = known.invoice(number="3", client_name="Autre", client_email="a@c.test", due_on="2026-04-02")
    first, letter, later = today(known)["next"][:3]
    assert [first[key] for key in ("at", "what", "invoices")] == ["2026-03-20T08:00:00+00:00", "question", 2]
    assert first["amounts"] == [{"currency": "EUR", "amount_cents": 350}]
    assert [letter[key] for key in ("at", "what", "tone", "invoices", "is_partial")] == [
        *("2026-03-23T09:00:00+00:00", "letter", "courteous", 2, False)
    ]
    assert (letter["invoice"]["number"], letter["step"], later["what"]) == ("1", None, "question")
    assert (later["invoice"]["number"], later["invoice"]["days_late"]) == ("3", -31)
    known.clock.set(first["at"])
    known.tick()
    known.ask(other - 1)
    known.clock.set(letter["at"])
    known.tick()
    assert is_leaving(known, other - 1)
    assert len(begin_letter(known, other - 1)["invoices"]) == letter["invoices"]


def test_a_formal_notice_is_shown_alone(known: Cast) -> None:
    """Of what is due to one address at once, the notice leaves first, and a later letter is not shown."""
    steps = known.json([{"days_after_due": 3, "tone": "formal_notice"}])
    plan = known.api("create_relance_plan", name="Sec", steps=steps)["relance_plan_id"]
    known.settings(client_spacing_days=2)
    stern = known.issue(number="stern", client_name="Dupont et fils")
    known.api(
        "update_client", client_id=stern["client"]["client_id"], changes=known.json({"relance_plan_id": plan})
    )
    known.invoice(number="mild")
    letters = [step for step in today(known)["next"] if step["what"] == "letter"]
    assert [(step["tone"], step["invoices"], step["invoice"]["number"]) for step in letters] == [
        ("formal_notice", 1, "stern")
    ]


def test_promises_end_within_14_days(known: Cast) -> None:
    """Of invoices and of clients; one later, or of a settled invoice, is not shown."""
    issued = [known.issue(number=str(n), client_name=f"Client {n}") for n in range(4)]
    for document, until in zip(issued, ("2026-03-16", "2026-03-17", "2026-03-02", "2026-03-10"), strict=True):
        known.api("pause_invoice", invoice_id=document["invoice_id"], until=until, reason=f"promised {until}")
    known.api("mark_invoice_paid", invoice_id=issued[3]["invoice_id"])
    known.api("pause_client", client_id=issued[1]["client"]["client_id"], until="2026-03-05")
    shown = today(known)["promises"]
    assert [(item["until"], item["reason"]) for item in shown["items"]] == [
        ("2026-03-02", "promised 2026-03-02"),
        ("2026-03-05", None),
        ("2026-03-16", "promised 2026-03-16"),
    ]
    assert [bool(item["invoice"]) for item in shown["items"]] == [True, False, True]


def test_a_letter_of_unknown_fate_is_one_decision(known: Cast) -> None:
    """All that the letter carried is decided at once; a failed one alone, while its invoice is open."""
    first, second = pending(known, number="1"), pending(known, number="2")
    until_queued(known, first)
    fail_letter(known, begin_letter(known, first), "unknown")
    (item,) = today(known)["undecided"]["items"]
    assert (item["status"], item["decide"], item["invoices"]) == ("unconfirmed", ["confirm", "resend"], 2)
    assert (item["failure_class"], item["to_address"]) == ("unknown", "compta@dupont.test")
    known.api("confirm_relance", relance_id=item["relance_id"])
    assert today(known)["undecided"]["total"] == 0
    assert [row["status"] for row in known.rows("relance", second)] == ["sent", "scheduled"]
    known.dba(
        "update rubis.relance set status = 'sending', next_look_at = null"
        " where invoice_id = %s and status = 'scheduled'",
        first,
    )
    known.dba(
        "update rubis.relance set status = 'failed' where invoice_id = %s and status = 'sending'", first
    )
    (item,) = today(known)["undecided"]["items"]
    assert (item["status"], item["decide"], item["invoice"]["number"]) == ("failed", ["resend"], "1")
    known.api("mark_invoice_paid", invoice_id=first)
    assert today(known)["undecided"]["total"] == 0


def test_money_is_summed_by_currency_and_age(known: Cast) -> None:
    """An invoice is late from the day after its due date; what was paid this month is received."""
    for due_on, cents in (("2026-03-02", 1), ("2026-03-01", 10), ("2026-01-30", 100), ("2025-12-01", 1000)):
        known.invoice(issued_on="2025-11-01", due_on=due_on, amount_cents=cents)
    known.invoice(amount_cents=7, currency="USD")
    paid = known.invoice(amount_cents=50)
    known.api("mark_invoice_paid", invoice_id=paid)
    money = today(known)["money"]
    assert [(owed["currency"], owed["overdue_cents"], owed["ages"]) for owed in money["owed"]] == [
        ("EUR", 1110, [1, 10, 100, 0, 1000]),
        ("USD", 0, [7, 0, 0, 0, 0]),
    ]
    assert (money["month"], money["received"]) == (
        "2026-03-01",
        [{"currency": "EUR", "received_cents": 50, "invoices": 1}],
    )
    known.clock.set("2026-04-01 00:30 Europe/Paris")
    assert today(known)["money"]["received"] == []


def test_what_settings_outdate_is_planned_again_before_it_is_shown(known: Cast) -> None:
    """Another check-in time moves the question that is shown next."""
    known.invoice()
    known.settings(checkin_time="11:00")
    assert today(known)["next"][0]["at"] == "2026-03-20T10:00:00+00:00"
