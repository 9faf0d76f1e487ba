"""What moves or replaces the check-in of an open invoice."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.support.cast import ASKED_AT, NOW, Cast

MINUTE = timedelta(minutes=1)
CHANGES: list[dict[str, Any]] = [
    {"amount_cents": 99},
    {"number": "F-2026"},
    {"currency": "USD"},
    {"client_id": None},
    {"due_on": date(2026, 4, 1)},
]


def change(cast: Cast, invoice_id: int, changes: dict[str, Any]) -> None:
    """UPDATE an invoice; a client_id of None stands for another client."""
    if "client_id" in changes:
        changes = {"client_id": cast.client("Durand & fils")}
    cast.update(invoice_id, **changes)


@pytest.mark.parametrize(
    ("due_on", "expected"),
    [
        (date(2026, 4, 1), datetime(2026, 4, 1, 7, tzinfo=UTC)),
        (date(2026, 3, 10), datetime(2026, 3, 10, 8, tzinfo=UTC)),
        (date(2026, 3, 2), NOW + MINUTE),
        (date(2026, 3, 1), NOW + MINUTE),
    ],
)
def test_a_moved_due_date_moves_the_check_in(cast: Cast, due_on: date, expected: datetime) -> None:
    """Later, earlier or into the past: the old one is cancelled, one stands where a new invoice's would."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, due_on=due_on)
    before, after = cast.rows("checkin_task", invoice_id)
    assert (before["status"], before["end_reason"], before["ended_at"]) == (
        "cancelled",
        "invoice changed",
        NOW,
    )
    assert (after["status"], after["scheduled_at"]) == ("scheduled", expected)


@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: next(iter(changes)))
def test_a_change_asks_anew(cast: Cast, changes: dict[str, Any]) -> None:
    """A mail that shows an old amount, number, currency, client or due date must not be answered."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    change(cast, invoice_id, changes)
    before, after = cast.rows("checkin_task", invoice_id)
    assert (before["status"], before["end_reason"]) == ("cancelled", "invoice changed")
    assert after["status"] == "scheduled"
    assert cast.click(token) == "expired"
    assert cast.row(invoice_id)["status"] == "open"
    assert cast.events(invoice_id)[-1][0] == "invoice_changed"


@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: next(iter(changes)))
def test_a_change_asks_anew_after_pending(cast: Cast, changes: dict[str, Any]) -> None:
    """Still pending was said about other facts: the invoice is asked about again, the answer is kept."""
    invoice_id = cast.invoice()
    assert cast.click(cast.ask(invoice_id), "pending") == "pending"
    change(cast, invoice_id, changes)
    answered, after = cast.rows("checkin_task", invoice_id)
    assert (answered["status"], answered["answer"]) == ("answered", "still_pending")
    assert after["status"] == "scheduled"


def test_the_change_is_told(cast: Cast) -> None:
    """The event names each changed field, before and after."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, amount_cents=5, due_on=date(2026, 3, 21))
    (event,) = [row for row in cast.rows("activity_event", invoice_id) if row["kind"] == "invoice_changed"]
    assert event["data"] == {"amount_cents": [120_000, 5], "due_on": ["2026-03-20", "2026-03-21"]}


def test_an_unchanged_update_asks_nothing(cast: Cast) -> None:
    """Writing the same values leaves the check-in and its links alone."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    before = cast.effects(invoice_id)
    row = cast.row(invoice_id)
    facts = ("client_id", "number", "issued_on", "due_on", "amount_cents", "currency", "status")
    cast.update(invoice_id, **{name: row[name] for name in facts})
    assert cast.effects(invoice_id) == before
    assert cast.click(token) == "paid"


@pytest.mark.parametrize("status", ["scheduled", "queued", "sending", "sent", "failed", "expired"])
def test_whatever_became_of_it_a_new_one_is_asked(cast: Cast, status: str) -> None:
    """In every state of its check-in a changed invoice ends with exactly one live check-in, the new one."""
    invoice_id = cast.invoice(due_on=date(2026, 3, 2))
    cast.bring(invoice_id, status)
    cast.update(invoice_id, amount_cents=1)
    *_, latest = tasks = cast.rows("checkin_task", invoice_id)
    live = [task for task in tasks if task["ended_at"] is None]
    assert live == [latest]
    assert (len(tasks), latest["status"]) == (2, "scheduled")


def test_a_superseded_failed_check_in_is_expired(cast: Cast) -> None:
    """A mail may arrive after its check-in failed; once the invoice has changed it shows old facts."""
    invoice_id = cast.invoice(due_on=date(2026, 3, 2))
    begun = cast.bring(invoice_id, "failed")
    cast.update(invoice_id, amount_cents=1)
    assert cast.click(begun["token"]) == "expired"
    assert cast.row(invoice_id)["status"] == "open"


@pytest.mark.parametrize("status", ["paid", "cancelled"])
@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: next(iter(changes)))
def test_settled_facts_stay(cast: Cast, status: str, changes: dict[str, Any]) -> None:
    """A paid or cancelled invoice refuses a change of what it says, and nothing is asked."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, status=status)
    before = cast.effects(invoice_id)
    with cast.raises("RB409", "invoice__settled", "invoice_id"):
        change(cast, invoice_id, changes)
    assert cast.effects(invoice_id) == before


def test_settling_and_changing_at_once(cast: Cast) -> None:
    """An UPDATE that pays and corrects in one statement settles; it does not ask."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, status="paid", amount_cents=7)
    (task,) = cast.rows("checkin_task", invoice_id)
    assert (task["status"], task["end_reason"]) == ("cancelled", "invoice paid")
    assert cast.rubis() == 1


def test_due_again_at_the_same_time_is_idempotent(cast: Cast) -> None:
    """Moving the due date there and back leaves one live check-in at its first time."""
    invoice_id = cast.invoice()
    cast.update(invoice_id, due_on=date(2026, 5, 1))
    cast.update(invoice_id, due_on=date(2026, 3, 20))
    assert [task["status"] for task in cast.rows("checkin_task", invoice_id)] == [
        "cancelled",
        "cancelled",
        "scheduled",
    ]
    assert cast.task(invoice_id)["scheduled_at"] == ASKED_AT
