"""A DBA's plain statements, the API's calls and a click write the same rows, to the microsecond."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.support.history import HISTORY
from tests.support.story import Story

ASKED = ["scheduled", "queued", "sending", "sent", "failed", "expired"]


def twins(story: Story) -> tuple[int, int]:
    """Two invoices alike but for their number: one by the API, one by a plain INSERT."""
    return story.invoice(), story.insert()


def differing_label(effects: dict[str, Any]) -> dict[str, Any]:
    """Effects without what tells by whom the invoice was paid."""
    for event in effects["activity_event"]:
        if event["kind"] == "invoice_paid":
            event["label"] = None
    effects["invoice"][0]["paid_via"] = None
    return effects


def test_inserting_is_creating(story: Story) -> None:
    """INSERT of an invoice equals api.create_invoice, the issuer included."""
    by_api, by_dba = twins(story)
    assert story.effects(by_api) == story.effects(by_dba)
    assert story.row(by_dba)["user_id"] == story.user_id
    assert [len(story.rows(table, by_dba)) for table in HISTORY] == [1, 1, 0, 1]


@pytest.mark.parametrize(
    ("function", "columns"),
    [("mark_invoice_paid", {"status": "paid"}), ("cancel_invoice", {"status": "cancelled"})],
)
@pytest.mark.parametrize("asked", ASKED)
def test_updating_the_status_is_settling(
    story: Story, function: str, columns: dict[str, Any], asked: str
) -> None:
    """UPDATE of the status equals mark-paid and cancel, whatever became of the check-in."""
    by_api, by_dba = twins(story)
    bring_both(story, by_api, by_dba, asked)
    story.api(function, invoice_id=by_api)
    story.update(by_dba, **columns)
    assert story.effects(by_api) == story.effects(by_dba)


@pytest.mark.parametrize(
    "changes",
    [
        {"due_on": date(2026, 4, 1)},
        {"due_on": date(2026, 3, 1)},
        {"amount_cents": 1},
        {"currency": "CHF"},
        {"issued_on": date(2026, 2, 2)},
        {"amount_cents": 1, "due_on": date(2026, 5, 1), "issued_on": date(2026, 2, 2)},
    ],
    ids=repr,
)
@pytest.mark.parametrize("asked", ["scheduled", "sent"])
def test_updating_the_facts_is_changing(story: Story, changes: dict[str, Any], asked: str) -> None:
    """UPDATE of facts equals api.update_invoice."""
    by_api, by_dba = twins(story)
    bring_both(story, by_api, by_dba, asked)
    story.api(
        "update_invoice",
        invoice_id=by_api,
        changes=story.json({name: str(value) for name, value in changes.items()}),
    )
    story.update(by_dba, **changes)
    assert story.effects(by_api) == story.effects(by_dba)


@pytest.mark.parametrize("asked", ["sending", "sent", "failed"])
def test_a_paid_click_is_marking_paid(story: Story, asked: str) -> None:
    """The click's effects are mark-paid's but the label; its question was answered instead of dropped."""
    by_click, by_api = twins(story)
    begun = bring_both(story, by_click, by_api, asked)
    story.click(begun["token"])
    story.api("mark_invoice_paid", invoice_id=by_api)
    click, api = differing_label(story.effects(by_click)), differing_label(story.effects(by_api))
    (answered,), (dropped,) = click.pop("checkin_task"), api.pop("checkin_task")
    assert click == api
    told = ("status", "answer", "answered_at", "answered_via", "ended_at", "end_reason")
    assert {**answered, **dict.fromkeys(told)} == {**dropped, **dict.fromkeys(told)}
    assert answered["status"] == "answered"


@pytest.mark.parametrize("settle", ["api", "dba", "click"])
def test_each_is_labelled(story: Story, settle: str) -> None:
    """By hand it is `manual`, by a click `via check-in`; a DBA may say which."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    ways: dict[str, Callable[[], Any]] = {
        "api": lambda: story.api("mark_invoice_paid", invoice_id=invoice_id),
        "dba": lambda: story.update(invoice_id, status="paid", paid_via="check-in"),
        "click": lambda: story.click(token),
    }
    ways[settle]()
    label = "manual" if settle == "api" else "via check-in"
    assert story.events(invoice_id)[-1] == ("invoice_paid", label)


def test_one_update_of_many_settles_each(story: Story) -> None:
    """UPDATE of several invoices has every one's effects."""
    invoices = [story.invoice() for _ in range(10)]
    story.dba(
        "update rubis.invoice set status = 'paid' where organization_id = %s and status = 'open'",
        story.organization_id,
    )
    assert story.rubis() == 10
    for invoice_id in invoices:
        assert (
            story.task(invoice_id)["end_reason"]
            == story.relance(invoice_id)["cancel_reason"]
            == "invoice paid"
        )


def test_a_dbas_own_dates_stand(story: Story) -> None:
    """paid_at and cancelled_at given by the statement are kept; paid_at without payment is refused."""
    paid, cancelled, neither = story.invoice(), story.invoice(), story.invoice()
    story.update(paid, status="paid", paid_at="2026-02-01T00:00:00Z")
    story.update(cancelled, status="cancelled", cancelled_at="2026-02-01T00:00:00Z")
    assert story.row(paid)["paid_at"] == story.row(cancelled)["cancelled_at"]
    with story.raises("23514", "invoice__paid_facts"):
        story.update(neither, paid_at="2026-02-01T00:00:00Z")


def test_paid_again_by_update_keeps_the_first(story: Story) -> None:
    """A repeated UPDATE of the status changes nothing."""
    invoice_id = story.invoice()
    story.click(story.ask(invoice_id))
    before = story.effects(invoice_id)
    story.session.clock.advance(days=1)
    story.update(invoice_id, status="paid")
    assert story.effects(invoice_id) == before


def bring_both(story: Story, one: int, other: int, asked: str) -> Any:
    """Bring two invoices' check-ins to this status at the same moment; returns the first one's attempt."""
    if asked == "scheduled":
        return {}
    story.session.clock.set(story.task(one)["next_attempt_at"])
    story.tick()
    begun = {}
    for invoice_id in (other, one):
        if asked != "queued":
            begun = story.begin(invoice_id)
        if asked == "failed":
            story.fail(begun, "refused")
        elif asked in ("sent", "expired"):
            story.finish(begun)
    if asked == "expired":
        story.session.clock.advance(hours=24)
        story.tick()
    return begun
