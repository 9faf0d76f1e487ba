"""Steps tried on an invoice show the dates that they would have."""

from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.letters import proven, relances

PLANS = [
    [(3, "courteous"), (10, "firm"), (30, "formal_notice")],
    [(1, "formal_notice"), (2, "firm"), (60, "courteous")],
    [(90, "firm")],
    [(1, "courteous"), (2, "courteous"), (3, "courteous")],
    [],
]


def steps(plan: list[tuple[int, str]]) -> list[dict[str, Any]]:
    """Steps to send."""
    return [{"days_after_due": days, "tone": tone} for days, tone in plan]


def preview(cast: Cast, plan: list[tuple[int, str]], invoice_id: int | None = None) -> Any:
    """What api.preview_plan says of them."""
    return cast.api("preview_plan", steps=cast.json(steps(plan)), invoice_id=invoice_id)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(
    ("due_on", "settings"),
    [
        ("2026-03-20", {}),
        ("2026-04-30", {"client_spacing_days": 5, "question_valid_days": 2}),
        ("2026-01-05", {}),
    ],
)
def test_the_dates_are_those_that_a_new_invoice_is_given(
    known: Cast, plan: list[tuple[int, str]], due_on: str, settings: dict[str, int]
) -> None:
    """Due ahead or past, with holidays, spacing and stale words between: what issuing plans and foresees."""
    if settings:
        known.settings(**settings)
    proven(known)
    facts = {"issued_on": "2026-01-02", "due_on": due_on}
    tried = preview(known, plan, known.invoice(number="A-1", **facts))
    known.api("put_relance_plan", relance_plan_id=None, name=None, steps=known.json(steps(plan)))
    real = relances(
        known, known.invoice(number="A-2", client_name="Autre", client_email="a@autre.test", **facts)
    )
    ahead = [real["ahead"]] if real["ahead"] else []
    keys = ("step", "tone", "asks_at", "leaves_at")
    came = [{key: item[key] for key in keys} for item in [*ahead, *real["forecast"]]]
    if came and came[0]["asks_at"] is None:
        came[0]["asks_at"] = tried["steps"][0]["asks_at"]
        assert came[0]["asks_at"] < came[0]["leaves_at"]
    assert tried["steps"] == came
    assert len(came) == len(plan)


def test_steps_are_tried_on_the_newest_open_invoice_or_a_sample(known: Cast) -> None:
    """A sample falls due today; nothing is written."""
    sample = preview(known, [(3, "firm")])
    assert (sample["invoice_id"], sample["number"], sample["due_on"]) == (None, None, "2026-03-02")
    assert sample["steps"] == [
        {
            "step": 1,
            "tone": "firm",
            "asks_at": "2026-03-02T09:01:00+00:00",
            "leaves_at": "2026-03-05T09:00:00+00:00",
        }
    ]
    invoice_id = known.invoice(number="A-1", due_on="2026-05-04")
    before = known.rows("relance", invoice_id)
    tried = preview(known, [(3, "firm")])
    assert (tried["invoice_id"], tried["number"], tried["due_on"]) == (invoice_id, "A-1", "2026-05-04")
    assert tried["steps"][0]["asks_at"] == "2026-05-04T07:00:00+00:00"
    assert known.rows("relance", invoice_id) == before


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ([(3, "firm"), (3, "firm")], "steps[1].days_after_due"),
        ([(3, "rude")], "steps[0].tone"),
        ([(day, "firm") for day in range(1, 22)], "steps"),
    ],
)
def test_a_wrong_step_is_named(known: Cast, plan: list[tuple[int, str]], field: str) -> None:
    """As where it is kept."""
    with known.raises("RB422", "relance_plan__steps", field):
        preview(known, plan)


def test_letters_keep_the_distance_of_the_organization(known: Cast) -> None:
    """Three steps a day apart leave on working days, five days apart at least."""
    known.settings(client_spacing_days=5)
    invoice_id = known.invoice(due_on="2026-04-30")
    tried = preview(known, [(1, "courteous"), (2, "courteous"), (3, "courteous")], invoice_id)
    days = [step["leaves_at"][:10] for step in tried["steps"]]
    assert days == ["2026-05-04", "2026-05-11", "2026-05-18"]
