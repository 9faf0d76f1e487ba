"""One thing is done with many invoices at once."""

import pytest

from tests.support.cast import Cast


def test_what_can_be_paid_is_paid_and_the_rest_named(cast: Cast) -> None:
    """Each paid one has its effects; a cancelled, an unknown and another's are refused; twice is once."""
    first, second, gone = (cast.invoice() for _ in range(3))
    cast.update(gone, status="cancelled")
    other = Cast(cast.line, name="Voisin")
    foreign = other.invoice()
    ids = [second, first, gone, 0, foreign, first]
    expected = {
        "done": [first, second],
        "refused": sorted(
            [
                {"invoice_id": 0, "reason": "invoice__missing"},
                {"invoice_id": gone, "reason": "invoice__cancelled"},
                {"invoice_id": foreign, "reason": "invoice__missing"},
            ],
            key=lambda refusal: int(str(refusal["invoice_id"])),
        ),
    }
    for _ in range(2):
        assert cast.api("act_on_invoices", invoice_ids=ids, act="mark_paid") == expected
        for invoice_id in (first, second):
            tally = cast.tally(invoice_id)
            assert (tally.status, tally.rubis, tally.live_checkins, tally.relances_ahead) == ("paid", 1, 0, 0)
    assert cast.document(first)["paid_via"] == "manual"
    assert other.document(foreign)["status"] == "open"


def test_many_are_paused_excluded_and_taken_back(cast: Cast) -> None:
    """As by their own acts; those settled refuse."""
    first, second, paid = (cast.invoice() for _ in range(3))
    cast.update(paid, status="paid")
    ids = [first, second, paid]
    refused = [{"invoice_id": paid, "reason": "invoice__settled"}]
    for act, shown in (
        ("pause", {"pause": {"until": "2026-05-01", "reason": "promised"}, "relances_off": False}),
        ("resume", {"pause": None, "relances_off": False}),
        ("exclude", {"pause": None, "relances_off": True}),
        ("include", {"pause": None, "relances_off": False}),
    ):
        until, reason = ("2026-05-01", "promised") if act == "pause" else (None, None)
        done = cast.api("act_on_invoices", invoice_ids=ids, act=act, until=until, reason=reason)
        assert done == {"done": [first, second], "refused": refused}
        for invoice_id in (first, second):
            assert shown.items() <= cast.document(invoice_id).items()


@pytest.mark.parametrize(
    ("params", "constraint", "field"),
    [
        ({"act": "delete"}, "invoice__act", "act"),
        ({"invoice_ids": []}, "invoice__ids", "invoice_ids"),
        ({"invoice_ids": list(range(101))}, "invoice__ids", "invoice_ids"),
        ({"act": "pause"}, "pause__until", "until"),
        ({"act": "pause", "until": "2026-03-01"}, "pause__until", "until"),
    ],
)
def test_what_cannot_be_asked_is_named(
    cast: Cast, params: dict[str, object], constraint: str, field: str
) -> None:
    """An unknown act, no invoices or too many, a pause that is over."""
    with cast.raises("RB422", constraint, field):
        cast.api("act_on_invoices", **{"invoice_ids": [1], "act": "mark_paid"} | params)
