"""Pausing the relances of an invoice or a client, and letting them go on."""

from typing import Any

import pytest

from tests.api.posting import FIRST, Post, kinds, relances
from tests.api.support import Account, problem

TODAY = "2026-03-02"


@pytest.fixture(params=["invoices", "clients"])
def path(request: pytest.FixtureRequest, post: Post) -> str:
    """What is paused, in turn: the invoice, its client."""
    document = post.user.get(f"invoices/{post.pending()}").json()
    found = {"invoices": document["invoice_id"], "clients": document["client"]["client_id"]}
    return f"{request.param}/{found[request.param]}"


def invoice_id(post: Post) -> int:
    """The test's only invoice."""
    found: int = post.user.get("invoices").json()["items"][0]["invoice_id"]
    return found


def test_no_relance_leaves_until_the_day_is_over(post: Post, path: str) -> None:
    """The one ahead says when it will and why not before: the first working day after the pause."""
    answer = post.user.post(f"{path}/pause", {"until": "2026-03-06", "reason": " payment promised "})
    assert (answer.status_code, answer.json()["pause"]) == (
        200, {"until": "2026-03-06", "reason": "payment promised"},
    )  # fmt: skip
    assert post.user.get(path).json() == answer.json()
    ahead = relances(post.user, invoice_id(post))["ahead"]
    assert (ahead["leaves_at"], ahead["reason"]) == ("2026-03-09T09:00:00Z", "paused")
    event = post.user.get("activity").json()["items"][0]
    assert (event["kind"], event["data"]) == (
        "relances_paused", {"until": "2026-03-06", "reason": "payment promised"},
    )  # fmt: skip
    assert "payment promised" in event["label"]


def test_today_is_a_day_that_is_not_over(post: Post, path: str) -> None:
    """In the organization's zone; a reason is not needed."""
    assert post.user.post(f"{path}/pause", {"until": TODAY}).json()["pause"] == {
        "until": TODAY,
        "reason": None,
    }
    problem(post.user.post(f"{path}/pause", {"until": "2026-03-01"}), 422, "pause__until", "until")
    post.user.patch("organization", {"time_zone": "Pacific/Auckland"})
    post.clock.set("2026-03-02 12:00 UTC")
    problem(post.user.post(f"{path}/pause", {"until": TODAY}), 422, "pause__until", "until")


def test_a_pause_said_twice_is_one(post: Post, path: str) -> None:
    """One event; another day is another pause."""
    body = {"until": "2026-03-06"}
    first, second = (post.user.post(f"{path}/pause", body).json() for _ in range(2))
    assert first == second
    assert kinds(post.user, invoice_id(post)).count("relances_paused") == 1
    post.user.post(f"{path}/pause", {"until": "2026-03-20"})
    assert kinds(post.user, invoice_id(post)).count("relances_paused") == 2


def test_resuming_plans_what_was_put_off(post: Post, path: str) -> None:
    """Also after the tick has put it off; resuming what is not paused changes nothing."""
    post.user.post(f"{path}/pause", {"until": "2026-03-20"})
    post.clock.set(FIRST)
    post.tick()
    resumed = post.user.post(f"{path}/resume").json()
    assert resumed["pause"] is None
    ahead = relances(post.user, invoice_id(post))["ahead"]
    assert (ahead["status"], ahead["scheduled_at"], ahead["reason"]) == ("scheduled", FIRST, None)
    assert post.user.post(f"{path}/resume").json() == resumed
    assert kinds(post.user, invoice_id(post)).count("relances_resumed") == 1


def test_what_ran_out_by_itself_is_no_longer_in_the_way(post: Post, path: str) -> None:
    """The relance leaves when its pause is over, without anybody's doing."""
    post.user.post(f"{path}/pause", {"until": "2026-03-06"})
    post.send(invoice_id(post))
    assert relances(post.user, invoice_id(post))["past"][0]["sent_at"] == "2026-03-09T09:00:00Z"


@pytest.mark.parametrize("action", ["mark-paid", "cancel"])
def test_a_settled_invoice_is_not_paused(ana: Account, action: str) -> None:
    """409; resuming it changes nothing."""
    path = f"invoices/{ana.invoice()['invoice_id']}"
    settled = ana.post(f"{path}/{action}").json()
    problem(ana.post(f"{path}/pause", {"until": "2030-01-01"}), 409, "invoice__settled", "invoice_id")
    assert ana.post(f"{path}/resume").json() == settled


def test_a_client_may_be_paused_before_it_owes_anything(post: Post) -> None:
    """What is issued later waits too."""
    client_id = post.user.post("clients", {"name": "Dupont", "email": "a@dupont.example"}).json()["client_id"]
    post.user.post(f"clients/{client_id}/pause", {"until": "2999-12-31"})
    ahead = relances(post.user, post.pending(client=..., client_id=client_id))["ahead"]
    assert ahead["reason"] == "paused"
    assert ahead["leaves_at"] is None or ahead["leaves_at"].startswith("3000-01")


def test_the_latest_day_can_be_named(ana: Account) -> None:
    """31 December 2999 is the last; what follows is still said, never a 500."""
    path = f"invoices/{ana.invoice()['invoice_id']}"
    assert ana.post(f"{path}/pause", {"until": "2999-12-31"}).status_code == 200
    assert ana.get(f"{path}/relances").status_code == 200


def test_a_pause_without_a_body_names_what_is_missing(ana: Account) -> None:
    """422."""
    path = f"invoices/{ana.invoice()['invoice_id']}/pause"
    body: dict[str, Any] = problem(ana.post(path, {}), 422, "request__invalid", "until")
    assert len(body["errors"]) == 1
    problem(ana.post(path), 422, "request__invalid")
