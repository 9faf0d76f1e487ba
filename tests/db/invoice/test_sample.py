"""A sample invoice shows how a question is, and nothing else."""

import pytest

from tests.support.cast import Cast
from tests.support.letters import proven


@pytest.mark.parametrize(("locale", "number"), [("fr", "EXEMPLE-1"), ("en", "SAMPLE-1")])
def test_a_sample_is_asked_now(cast: Cast, locale: str, number: str) -> None:
    """For a client without an address, excluded from relances; its question is due at once."""
    cast.settings(locale=locale)
    sample = cast.api("ask_sample")
    assert (sample["number"], sample["is_sample"], sample["relances_off"]) == (number, True, True)
    assert (sample["client"]["email"], sample["status"]) == (None, "open")
    assert sample["checkin"]["scheduled_at"] == cast.now().isoformat()
    assert sample["relances"] == []
    today = cast.api("show_today")
    assert (today["money"]["owed"], today["start"]["has_invoices"]) == ([], False)
    assert today["start"]["sample"] == {"invoice_id": sample["invoice_id"], "status": "open"}
    assert cast.api("list_clients")["items"] == []
    assert [one["invoice_id"] for one in cast.api("list_invoices")["items"]] == [sample["invoice_id"]]


def test_there_is_one_at_a_time(cast: Cast) -> None:
    """Asked for again while it is open it is asked again; when it is settled, another takes its place."""
    first = cast.api("ask_sample")
    cast.ask(first["invoice_id"])
    cast.clock.advance(minutes=1)
    again = cast.api("ask_sample")
    assert again["invoice_id"] == first["invoice_id"]
    assert again["checkin"]["checkin_task_id"] != first["checkin"]["checkin_task_id"]
    cast.click(cast.ask(first["invoice_id"]), "paid")
    cast.invoice(number="exemple-2")
    other = cast.api("ask_sample")
    assert (other["number"], other["invoice_id"] != first["invoice_id"]) == ("EXEMPLE-3", True)
    assert [one["number"] for one in cast.api("list_invoices")["items"]] == ["EXEMPLE-3", "exemple-2"]


@pytest.mark.parametrize("via", ["link", "app"])
def test_a_settled_sample_earns_no_rubis(cast: Cast, via: str) -> None:
    """Nor does it send a receipt; reopened, it takes none back, and the rules of the audit hold."""
    invoice_id = cast.api("ask_sample")["invoice_id"]
    token = cast.ask(invoice_id)
    if via == "link":
        cast.click(token, "paid")
    else:
        cast.api("answer_invoice_checkin", invoice_id=invoice_id, answer="paid")
    assert (cast.tally(invoice_id).status, cast.tally(invoice_id).rubis) == ("paid", 0)
    assert cast.rows("checkin_task", invoice_id)[-1]["receipt_at"] is None
    cast.update(invoice_id, status="open")
    assert cast.tally(invoice_id).rubis == 0
    assert cast.dba("select * from audit.rule_rubis_match_events") == []


@pytest.mark.parametrize("settled", [False, True])
def test_it_is_removed_by_one_call(cast: Cast, settled: bool) -> None:
    """An open one is cancelled, with its question; a paid one is hidden. Its history stays."""
    invoice_id = cast.api("ask_sample")["invoice_id"]
    if settled:
        cast.api("mark_invoice_paid", invoice_id=invoice_id)
    assert cast.api("remove_sample") == {"removed": True}
    assert cast.api("remove_sample") == {"removed": False}
    today = cast.api("show_today")
    assert (today["start"]["sample"], today["start"]["sample_asked"]) == (None, True)
    assert today["money"]["received"] == []
    assert cast.api("list_invoices")["items"] == []
    assert cast.api("list_invoices", view="paid" if settled else "cancelled")["items"] == []
    assert (cast.tally(invoice_id).status, cast.tally(invoice_id).live_checkins) == (
        "paid" if settled else "cancelled",
        0,
    )
    assert cast.api("list_activity", invoice_id=invoice_id)["items"]
    cast.api("reopen_invoice", invoice_id=invoice_id, reason="encore")
    page = cast.api("list_invoices")
    assert (len(page["items"]), page["counts"]["all"], page["sums"]) == (1, 1, [])
    done = cast.api("act_on_invoices", invoice_ids=[invoice_id], act="include")
    assert done["refused"] == [{"invoice_id": invoice_id, "reason": "invoice__sample"}]
    assert (cast.api("list_clients")["items"], cast.api("show_money")["currencies"]) == ([], [])


def test_no_letter_can_leave_for_it(cast: Cast) -> None:
    """Not even with an address, proven user and all: it stays excluded, by a rule of the table."""
    proven(cast)
    invoice = cast.api("ask_sample")
    with cast.raises("23514", "invoice__sample_facts"):
        cast.api(
            "update_invoice",
            invoice_id=invoice["invoice_id"],
            changes=cast.json({"relances_off": False}),
        )


def test_nothing_to_remove_changes_nothing(cast: Cast) -> None:
    """Invoices of one's own are no samples."""
    cast.invoice()
    assert cast.api("remove_sample") == {"removed": False}
    assert len(cast.api("list_invoices")["items"]) == 1
