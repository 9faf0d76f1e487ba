"""What leads to an invoice's relances over HTTP, on a clock that stands still."""

from typing import Any

from tests.support.cast import Cast
from tests.support.letters import begin_letter, fail_letter, finish_letter

DUE = {"issued_on": "2026-02-02", "due_on": "2026-03-02"}
"""An invoice that falls due today: steps on Thursday 5 March, Thursday 12 March and Wednesday 1 April."""

FIRST, SECOND, THIRD = "2026-03-05T09:00:00Z", "2026-03-12T09:00:00Z", "2026-04-01T08:00:00Z"
"""When they leave: 10:00 in Paris, of which the last is in summer time."""


def pending(cast: Cast, **facts: Any) -> int:
    """An invoice due today of which the user has said in the app that it is still to be paid; its id."""
    invoice_id = cast.invoice(**facts)
    assert cast.answer(invoice_id, "pending") == "pending"
    return invoice_id


def send(cast: Cast, invoice_id: int, failure_class: str | None = None) -> int:
    """Send the relance ahead, or fail to, when the API says that it is asked about and leaves; its id."""
    ahead = cast.api("list_invoice_relances", invoice_id=invoice_id)["ahead"]
    if ahead["asks_at"] is not None:
        cast.clock.set(ahead["asks_at"])
        cast.tick()
        cast.ask(invoice_id)
    cast.clock.set(ahead["leaves_at"])
    cast.tick()
    begun = begin_letter(cast, invoice_id)
    if failure_class is None:
        finish_letter(cast, begun)
    else:
        fail_letter(cast, begun, failure_class)
    relance_id: int = ahead["relance_id"]
    return relance_id
