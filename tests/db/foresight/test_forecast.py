"""What the forecast foretells is what then happens, when the clock is moved to each of its moments."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.letters import begin_letter, finish_letter, is_leaving, pending

UNTIL = "2026-12-31"


def foretold(cast: Cast, invoice_id: int | None = None, until: str = UNTIL) -> list[Any]:
    """The items of the forecast."""
    seen = cast.api("forecast", until=until, invoice_id=invoice_id)
    assert seen["complete_until"] is None
    items: list[Any] = seen["items"]
    return items


def live(cast: Cast, item: Any) -> None:
    """Move the clock to an item's moment, ticking whenever something is due, and let it happen."""
    before = datetime.fromisoformat(item["at"]) - timedelta(seconds=10)
    cast.tick()
    while (due_in := cast.due_in()) is not None and cast.now() + timedelta(seconds=due_in) < before:
        cast.clock.advance(seconds=due_in)
        cast.tick()
    first = item["invoice_ids"][0]
    if cast.now() < before:
        cast.clock.wait_until(before)
        cast.tick()
        assert not is_leaving(cast, first)
        assert cast.queued_mail(first) is None
    cast.clock.wait_until(before + timedelta(seconds=11))
    cast.tick()
    if item["what"] == "question":
        for invoice_id in item["invoice_ids"]:
            cast.ask(invoice_id)
        assert cast.now() - datetime.fromisoformat(item["at"]) < timedelta(minutes=1)
    else:
        assert is_leaving(cast, first)
        begun = begin_letter(cast, first)
        finish_letter(cast, begun)
        carried = sorted(invoice["invoice_id"] for invoice in begun["invoices"])
        assert (carried, begun["to_address"], begun["tone"]) == (
            *(item["invoice_ids"], item["to"], item["tone"]),
        )


def steps(items: list[Any]) -> list[tuple[str, int | None, str]]:
    """What, which step, on which day."""
    return [(item["what"], item["step"], item["at"][:10]) for item in items]


def test_an_invoice_through_its_whole_plan(known: Cast) -> None:
    """Each question and each letter comes at its moment, and after each the rest is foretold as before."""
    invoice_id = known.invoice()
    items = foretold(known, invoice_id)
    assert steps(items) == [
        ("question", None, "2026-03-20"),
        ("letter", 1, "2026-03-23"),
        ("question", None, "2026-03-29"),
        ("letter", 2, "2026-03-30"),
        ("question", None, "2026-04-19"),
        ("letter", 3, "2026-04-20"),
    ]
    assert [item["to"] for item in items[:2]] == [known.email, "compta@dupont.test"]
    while items:
        live(known, items[0])
        assert [item["at"][:16] for item in foretold(known, invoice_id)] == [
            item["at"][:16] for item in items[1:]
        ]
        items = items[1:]


def test_a_promise_and_a_question_before_the_due_date(known: Cast) -> None:
    """Asked by hand today, so once more on the due date; after the promised day, before the letter."""
    invoice_id = known.invoice()
    known.api("ask_checkin_again", invoice_id=invoice_id)
    known.api("pause_invoice", invoice_id=invoice_id, until="2026-04-08", reason="promised")
    items = foretold(known, invoice_id)
    assert steps(items)[:4] == [
        ("question", None, "2026-03-02"),
        ("question", None, "2026-03-20"),
        ("question", None, "2026-04-09"),
        ("letter", 1, "2026-04-10"),
    ]
    assert items[3]["reason"] == "paused"
    for item in items:
        live(known, item)


def test_all_invoices_are_foretold_together(known: Cast) -> None:
    """What goes in one mail is one item; only until the day that is asked for."""
    first, second = known.invoice(), known.invoice()
    other = known.invoice(client_name="Autre", client_email="a@c.test", due_on="2026-03-27")
    items = foretold(known, until="2026-03-30")
    assert [(item["at"][:10], item["what"], item["invoice_ids"]) for item in items] == [
        ("2026-03-20", "question", [first, second]),
        ("2026-03-23", "letter", [first, second]),
        ("2026-03-27", "question", [other]),
        ("2026-03-29", "question", [first, second]),
        ("2026-03-30", "letter", [other]),
        ("2026-03-30", "letter", [first, second]),
    ]
    for item in items:
        live(known, item)


def test_what_is_held_has_a_reason_and_no_moment(known: Cast) -> None:
    """Without an address nothing leaves; the question is asked all the same."""
    invoice_id = known.invoice(client_name="Sans adresse", client_email=None)
    question, letter = foretold(known, invoice_id)
    assert (question["what"], letter["at"], letter["reason"], letter["to"]) == (
        *("question", None, "no_address", None),
    )
    assert [item["what"] for item in foretold(known)] == ["question"]


def test_a_settled_invoice_foretells_nothing(known: Cast) -> None:
    """Nor does an answered question come again before the next letter needs it."""
    invoice_id = pending(known)
    assert steps(foretold(known, invoice_id))[0] == ("letter", 1, "2026-03-23")
    known.api("mark_invoice_paid", invoice_id=invoice_id)
    assert foretold(known, invoice_id) == foretold(known) == []


@pytest.mark.parametrize("until", ["2026-03-01", "2028-03-03", None])
def test_the_day_is_within_two_years(known: Cast, until: str | None) -> None:
    """Neither past nor too far."""
    with known.raises("RB422", "forecast__until", "until"):
        known.api("forecast", until=until, invoice_id=None)
    assert known.api("forecast", until="2028-03-02")["items"] == []


def test_many_are_cut_where_they_are_complete(known: Cast) -> None:
    """More letters than are looked at: up to a moment, and that is said."""
    for number in range(55):
        known.invoice(client_name=f"Client {number}", client_email=f"c{number}@c.test", due_on="2026-03-20")
    last = known.invoice(client_name="Dernier", client_email="z@c.test", due_on="2026-05-20")
    seen = known.api("forecast", until=UNTIL)
    assert seen["complete_until"] == "2026-03-23T09:00:00+00:00"
    assert max(item["at"] for item in seen["items"]) == seen["complete_until"]
    assert last not in [invoice_id for item in seen["items"] for invoice_id in item["invoice_ids"]]
