"""Relance plans over HTTP."""

from typing import Any

import pytest

from tests.api.relancing import pending, send
from tests.api.support import Account, problem, relances
from tests.support.cast import Cast

STANDARD = [
    {"step": 1, "days_after_due": 3, "earliest_days_after_due": 3, "tone": "courteous"},
    {"step": 2, "days_after_due": 10, "earliest_days_after_due": 10, "tone": "firm"},
    {"step": 3, "days_after_due": 30, "earliest_days_after_due": 30, "tone": "formal_notice"},
]


def steps(*days: int, tone: str = "firm") -> list[dict[str, Any]]:
    """Steps to send."""
    return [{"days_after_due": day, "tone": tone} for day in days]


def add(user: Account, name: str, *days: int) -> int:
    """A named plan; its id."""
    answer = user.post("relance-plans", {"name": name, "steps": steps(*days)})
    assert answer.status_code == 201, answer.text
    plan_id: int = answer.json()["relance_plan_id"]
    return plan_id


def test_an_organization_is_born_with_a_plan(ana: Account) -> None:
    """Courteous, firm, formal notice; it is the default and the only one."""
    plan = ana.get("relance-plan").json()
    assert plan == {**plan, "name": "Standard", "is_default": True, "steps": STANDARD}
    assert ana.get("relance-plans").json() == {"items": [plan]}
    assert ana.get(f"relance-plans/{plan['relance_plan_id']}").json() == plan


@pytest.mark.parametrize(
    "days",
    [[], [1], [365], [10, 30], [1, 2, 3, 4, 5], [3, 10, 30], [2, 3], list(range(1, 21)), [30, 31, 32]],
)
def test_the_default_plan_is_replaced(ana: Account, days: list[int]) -> None:
    """Shorter, longer, with days that another step had; PUT again changes nothing."""
    plan = ana.get("relance-plan").json()
    expected = [
        {"step": step, "days_after_due": day, "earliest_days_after_due": day, "tone": "firm"}
        for step, day in enumerate(days, 1)
    ]
    for _ in range(2):
        answer = ana.put("relance-plan", {"steps": steps(*days)})
        assert (answer.status_code, answer.json()) == (200, plan | {"steps": expected})
    back = [{"days_after_due": step["days_after_due"], "tone": step["tone"]} for step in STANDARD]
    assert ana.put("relance-plan", {"steps": back}).json() == plan


def test_a_plan_has_20_steps_at_most(ana: Account) -> None:
    """A plan of more than 20 steps is 422 and names the list."""
    problem(ana.put("relance-plan", {"steps": steps(*range(1, 22))}), 422, field="steps")
    assert ana.get("relance-plan").json()["steps"] == STANDARD


def test_a_named_plan_is_added_changed_and_deleted(ana: Account) -> None:
    """The default one comes first in the list."""
    plan_id = add(ana, " Patient ", 15, 45)
    plan = ana.get(f"relance-plans/{plan_id}").json()
    assert (plan["name"], plan["is_default"]) == ("Patient", False)
    assert [item["name"] for item in ana.get("relance-plans").json()["items"]] == ["Standard", "Patient"]
    changed = ana.put(f"relance-plans/{plan_id}", {"name": "Very patient", "steps": steps(60)}).json()
    assert changed == plan | {
        "name": "Very patient",
        "steps": [{"step": 1, "days_after_due": 60, "earliest_days_after_due": 60, "tone": "firm"}],
    }
    gone = ana.delete(f"relance-plans/{plan_id}")
    assert (gone.status_code, gone.content) == (204, b"")
    problem(ana.get(f"relance-plans/{plan_id}"), 404, "relance_plan__missing", "relance_plan_id")
    problem(ana.delete(f"relance-plans/{plan_id}"), 404, "relance_plan__missing")


def test_the_default_plan_can_be_renamed_too(ana: Account) -> None:
    """The default plan, renamed by its id, stays the default."""
    plan = ana.get("relance-plan").json()
    body = {"name": "Maison", "steps": steps(5)}
    assert ana.put(f"relance-plans/{plan['relance_plan_id']}", body).json()["is_default"] is True
    assert ana.get("relance-plan").json()["name"] == "Maison"


def test_a_name_is_used_once(ana: Account) -> None:
    """409 names it, on creation and on change, and nothing is written; a plan may keep its own name."""
    plan_id = add(ana, "Patient", 15)
    taken = {"name": "Standard", "steps": steps(1, 2)}
    problem(ana.post("relance-plans", taken), 409, "relance_plan__name", "name")
    problem(ana.put(f"relance-plans/{plan_id}", taken), 409, "relance_plan__name", "name")
    kept = ana.get(f"relance-plans/{plan_id}").json()
    assert (kept["name"], len(kept["steps"])) == ("Patient", 1)
    assert ana.put(f"relance-plans/{plan_id}", {"name": "Patient", "steps": steps(1)}).status_code == 200


def test_a_plan_in_use_cannot_be_deleted(ana: Account) -> None:
    """The default one, one a client follows, one that relances came from: 409."""
    default = ana.get("relance-plan").json()["relance_plan_id"]
    problem(ana.delete(f"relance-plans/{default}"), 409, "relance_plan__in_use", "relance_plan_id")
    plan_id = add(ana, "Patient", 15)
    client = ana.post("clients", {"name": "Dupont"}).json()
    path = f"clients/{client['client_id']}"
    assert ana.patch(path, {"relance_plan_id": plan_id}).json() == client | {"relance_plan_id": plan_id}
    problem(ana.delete(f"relance-plans/{plan_id}"), 409, "relance_plan__in_use")
    assert ana.patch(path, {"relance_plan_id": None}).json() == client
    assert ana.delete(f"relance-plans/{plan_id}").status_code == 204


def test_another_organizations_plan_cannot_be_given_to_a_client(ana: Account) -> None:
    """422 names the field, as for a plan that does not exist."""
    theirs = ana.api.register().get("relance-plan").json()["relance_plan_id"]
    client_id = ana.post("clients", {"name": "Dupont"}).json()["client_id"]
    for plan_id in (theirs, 10**12):
        answer = ana.patch(f"clients/{client_id}", {"relance_plan_id": plan_id})
        problem(answer, 422, "client__relance_plan", "relance_plan_id")
    assert ana.get(f"clients/{client_id}").json()["relance_plan_id"] is None


def test_a_changed_plan_moves_what_is_ahead(cast: Cast, user: Account) -> None:
    """At once, tone and forecast too; an emptied one has nothing ahead, and filled again it has."""
    invoice_id = pending(cast)
    user.put("relance-plan", {"steps": steps(7, 8)})
    seen = relances(user, invoice_id)
    assert (seen["ahead"]["tone"], seen["ahead"]["leaves_at"]) == ("firm", "2026-03-09T09:00:00Z")
    # Not the 10th: a letter of the 9th is accepted some seconds after its moment, and 24 h lie between.
    assert [item["planned_at"] for item in seen["forecast"]] == ["2026-03-11T09:00:00Z"]
    user.put("relance-plan", {"steps": []})
    assert relances(user, invoice_id)["ahead"] is None
    user.put("relance-plan", {"steps": steps(4)})
    assert relances(user, invoice_id)["ahead"]["leaves_at"] == "2026-03-06T09:00:00Z"


def test_a_client_follows_its_own_plan(cast: Cast, user: Account) -> None:
    """From the moment it is given it; the default one no longer moves it."""
    invoice_id = pending(cast)
    client_id = user.get(f"invoices/{invoice_id}").json()["client"]["client_id"]
    plan_id = add(user, "Patient", 14)
    user.patch(f"clients/{client_id}", {"relance_plan_id": plan_id})
    user.put("relance-plan", {"steps": steps(1)})
    seen = relances(user, invoice_id)
    assert (seen["ahead"]["leaves_at"], seen["forecast"]) == ("2026-03-16T09:00:00Z", [])
    problem(user.delete(f"relance-plans/{plan_id}"), 409, "relance_plan__in_use")


def test_steps_keep_their_distance_from_the_one_sent(cast: Cast, user: Account) -> None:
    """Of a plan changed after the first step has left; steps already sent are not sent again."""
    invoice_id = pending(cast)
    send(cast, invoice_id)
    user.put("relance-plan", {"steps": steps(3, 5)})
    seen = relances(user, invoice_id)
    assert (seen["ahead"]["step"], seen["ahead"]["leaves_at"]) == (2, "2026-03-09T09:00:00Z")
    user.put("relance-plan", {"steps": steps(3)})
    assert relances(user, invoice_id)["ahead"] is None
