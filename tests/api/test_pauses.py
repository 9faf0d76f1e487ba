"""Pausing the relances of an invoice or a client, and letting them go on."""

from typing import Any

import pytest

from tests.api.relancing import FIRST, pending, send
from tests.api.support import Account, kinds, problem, relances
from tests.support.cast import Cast

TODAY = "2026-03-02"


@pytest.fixture(params=["invoices", "clients"])
def path(request: pytest.FixtureRequest, cast: Cast, user: Account) -> str:
    """What is paused, in turn: the invoice, its client."""
    document = user.get(f"invoices/{pending(cast)}").json()
    found = {"invoices": document["invoice_id"], "clients": document["client"]["client_id"]}
    return f"{request.param}/{found[request.param]}"


def invoice_id(user: Account) -> int:
    """The test's only invoice."""
    found: int = user.get("invoices").json()["items"][0]["invoice_id"]
    return found


def test_no_relance_leaves_until_the_day_is_over(user: Account, path: str) -> None:
    """The one ahead says when it will and why not before: the first working day after the pause."""
    answer = user.post(f"{path}/pause", {"until": "2026-03-06", "reason": " payment promised "})
    assert (answer.status_code, answer.json()["pause"]) == (
        200, {"until": "2026-03-06", "reason": "payment promised"},
    )  # fmt: skip
    assert user.get(path).json() == answer.json()
    ahead = relances(user, invoice_id(user))["ahead"]
    assert (ahead["leaves_at"], ahead["reason"]) == ("2026-03-09T09:00:00Z", "paused")
    event = user.get("activity").json()["items"][0]
    assert (event["kind"], event["data"]) == (
        "relances_paused", {"until": "2026-03-06", "reason": "payment promised"},
    )  # fmt: skip
    assert "payment promised" in event["label"]


def test_today_is_a_day_that_is_not_over(cast: Cast, user: Account, path: str) -> None:
    """In the organization's zone; a reason is not needed."""
    assert user.post(f"{path}/pause", {"until": TODAY}).json()["pause"] == {
        "until": TODAY,
        "reason": None,
    }
    problem(user.post(f"{path}/pause", {"until": "2026-03-01"}), 422, "pause__until", "until")
    user.patch("organization", {"time_zone": "Pacific/Auckland"})
    cast.clock.set("2026-03-02 12:00 UTC")
    problem(user.post(f"{path}/pause", {"until": TODAY}), 422, "pause__until", "until")


def test_a_pause_said_twice_is_one(user: Account, path: str) -> None:
    """The same pause twice leaves one event; another day is another pause."""
    body = {"until": "2026-03-06"}
    first, second = (user.post(f"{path}/pause", body).json() for _ in range(2))
    assert first == second
    assert kinds(user, invoice_id(user)).count("relances_paused") == 1
    user.post(f"{path}/pause", {"until": "2026-03-20"})
    assert kinds(user, invoice_id(user)).count("relances_paused") == 2


def test_resuming_plans_what_was_put_off(cast: Cast, user: Account, path: str) -> None:
    """Also after the tick has put it off, with a question before it; resuming again changes nothing."""
    user.post(f"{path}/pause", {"until": "2026-03-20"})
    cast.clock.set(FIRST)
    cast.tick()
    resumed = user.post(f"{path}/resume").json()
    assert resumed["pause"] is None
    ahead = relances(user, invoice_id(user))["ahead"]
    assert (ahead["status"], ahead["scheduled_at"], ahead["reason"]) == (
        "scheduled",
        "2026-03-09T09:00:00Z",
        None,
    )
    assert ahead["asks_at"] == "2026-03-08T08:00:00Z"
    assert user.post(f"{path}/resume").json() == resumed
    assert kinds(user, invoice_id(user)).count("relances_resumed") == 1


def test_a_pause_that_ran_out_is_no_longer_in_the_way(cast: Cast, user: Account, path: str) -> None:
    """The relance leaves when its pause is over and the user was asked again, without anybody's doing."""
    user.post(f"{path}/pause", {"until": "2026-03-06"})
    send(cast, invoice_id(user))
    assert relances(user, invoice_id(user))["past"][0]["sent_at"] == "2026-03-09T09:00:00Z"


@pytest.mark.parametrize("action", ["mark-paid", "cancel"])
def test_a_settled_invoice_is_not_paused(ana: Account, action: str) -> None:
    """Pausing a settled invoice is 409; resuming it changes nothing."""
    path = f"invoices/{ana.invoice()['invoice_id']}"
    settled = ana.post(f"{path}/{action}").json()
    problem(ana.post(f"{path}/pause", {"until": "2030-01-01"}), 409, "invoice__settled", "invoice_id")
    assert ana.post(f"{path}/resume").json() == settled


def test_a_client_may_be_paused_before_it_owes_anything(cast: Cast, user: Account) -> None:
    """An invoice issued to a paused client waits too."""
    client_id = user.post("clients", {"name": "Dupont", "email": "a@dupont.example"}).json()["client_id"]
    user.post(f"clients/{client_id}/pause", {"until": "2999-12-31"})
    ahead = relances(user, pending(cast, client_id=client_id))["ahead"]
    assert ahead["reason"] == "paused"
    assert ahead["leaves_at"] is None or ahead["leaves_at"].startswith("3000-01")


def test_the_latest_day_can_be_named(ana: Account) -> None:
    """31 December 2999 is the last; what follows is still said, never a 500."""
    path = f"invoices/{ana.invoice()['invoice_id']}"
    assert ana.post(f"{path}/pause", {"until": "2999-12-31"}).status_code == 200
    assert ana.get(f"{path}/relances").status_code == 200


def test_a_pause_without_a_body_names_what_is_missing(ana: Account) -> None:
    """A pause without a body is 422 and names the missing fields."""
    path = f"invoices/{ana.invoice()['invoice_id']}/pause"
    body: dict[str, Any] = problem(ana.post(path, {}), 422, "request__invalid", "until")
    assert len(body["errors"]) == 1
    problem(ana.post(path), 422, "request__invalid")
