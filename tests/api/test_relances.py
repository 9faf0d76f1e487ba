"""What the API says of an invoice's relances, and what the user decides of one."""

from typing import Any

import pytest

from tests.api.relancing import FIRST, SECOND, THIRD, pending, send
from tests.api.support import Account, kinds, problem, relances
from tests.support.cast import Cast
from tests.support.letters import begin_letter


def test_the_one_ahead_and_the_forecast_say_when_each_leaves(cast: Cast, user: Account) -> None:
    """One row is ahead, the steps after it are foreseen, at the organization's relance time in its zone."""
    seen = relances(user, pending(cast))
    assert (seen["ahead"]["status"], seen["ahead"]["step"], seen["ahead"]["tone"]) == (
        "scheduled",
        1,
        "courteous",
    )
    assert (seen["ahead"]["leaves_at"], seen["ahead"]["reason"]) == (FIRST, None)
    assert seen["forecast"] == [
        {
            "step": step,
            "tone": tone,
            "planned_at": at,
            "asks_at": asks_at,
            "leaves_at": at,
            "reason": None,
        }
        for step, tone, asks_at, at in (
            (2, "firm", "2026-03-11T08:00:00Z", SECOND),
            (3, "formal_notice", "2026-03-31T07:00:00Z", THIRD),
        )
    ]
    assert seen["past"] == []


def test_a_question_not_asked_yet_is_taken_to_expire_unanswered(user: Account) -> None:
    """The relance is foreseen, never within 24 h of the check-in."""
    user.put("relance-plan", {"steps": [{"days_after_due": 1, "tone": "courteous"}]})
    user.patch("organization", {"checkin_time": "11:00"})
    invoice_id = user.invoice(issued_on="2026-02-02", due_on="2026-03-04")["invoice_id"]
    # Asked on the 4th at 11:00, so the relance of the 5th at 10:00 would come an hour too soon.
    assert relances(user, invoice_id)["ahead"]["leaves_at"] == "2026-03-06T09:00:00Z"


def test_a_relance_sent_is_past_and_the_next_is_ahead(cast: Cast, user: Account) -> None:
    """In one transaction; its letter shows on the timeline."""
    invoice_id = pending(cast)
    relance_id = send(cast, invoice_id)
    seen = relances(user, invoice_id)
    assert [(item["relance_id"], item["status"], item["sent_at"]) for item in seen["past"]] == [
        (relance_id, "sent", FIRST)
    ]
    assert (seen["ahead"]["step"], seen["ahead"]["leaves_at"]) == (2, SECOND)
    assert [item["step"] for item in seen["forecast"]] == [3]
    assert kinds(user, invoice_id)[0] == "relance_sent"
    assert [item["status"] for item in user.get(f"invoices/{invoice_id}").json()["relances"]] == [
        "sent", "scheduled",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "changes", "reason"),
    [
        ("invoices/{invoice_id}", {"relances_off": True}, "invoice_excluded"),
        ("clients/{client_id}", {"relances_off": True}, "client_excluded"),
        ("clients/{client_id}", {"email": None}, "no_address"),
    ],
)
def test_what_holds_a_relance_is_named_before_it_is_due(
    cast: Cast, user: Account, path: str, changes: dict[str, Any], reason: str
) -> None:
    """leaves_at is null, also for what would follow; it is held when due, and let go when that is undone."""
    document = user.get(f"invoices/{pending(cast)}").json()
    ids = {"invoice_id": document["invoice_id"], "client_id": document["client"]["client_id"]}
    undone = {name: document["client"].get(name, False) for name in changes}
    assert user.patch(path.format(**ids), changes).status_code == 200
    seen = relances(user, ids["invoice_id"])
    assert (seen["ahead"]["leaves_at"], seen["ahead"]["reason"]) == (None, reason)
    assert {(item["leaves_at"], item["reason"]) for item in seen["forecast"]} == {(None, reason)}
    cast.clock.set(FIRST)
    cast.tick()
    held = relances(user, ids["invoice_id"])["ahead"]
    assert (held["status"], held["hold_reason"], held["reason"]) == ("held", reason, reason)
    assert user.patch(path.format(**ids), undone).status_code == 200
    free = relances(user, ids["invoice_id"])["ahead"]
    assert (free["status"], free["hold_reason"], free["scheduled_at"]) == ("scheduled", None, FIRST)


def test_a_relance_is_held_without_a_proven_address(cast: Cast, user: Account) -> None:
    """address_unproven, until any link mailed to the user is followed."""
    cast.session.execute("update rubis.app_user set email_proven_at = null")
    invoice_id = pending(cast)
    ahead = relances(user, invoice_id)["ahead"]
    assert (ahead["leaves_at"], ahead["reason"]) == (None, "address_unproven")


def test_a_cancelled_checkin_holds_it_until_the_owner_is_asked_again(cast: Cast, user: Account) -> None:
    """owner_not_asked; asking again lifts it."""
    invoice_id = user.invoice(issued_on="2026-02-02", due_on="2026-03-02")["invoice_id"]
    cast.session.execute(
        "update rubis.checkin_task set status = 'cancelled',"
        " ended_at = rubis.clock(), end_reason = 'by a DBA' where invoice_id = %s",
        [invoice_id],
    )
    cast.clock.set(FIRST)
    cast.tick()
    assert relances(user, invoice_id)["ahead"]["hold_reason"] == "owner_not_asked"
    user.post(f"invoices/{invoice_id}/checkin/ask-again")
    assert relances(user, invoice_id)["ahead"]["leaves_at"] == "2026-03-06T09:00:00Z"


def test_a_relance_put_off_by_the_quota_says_when_it_leaves(cast: Cast, user: Account) -> None:
    """The next working day; the operator sets the quota, not the API."""
    cast.session.execute("update rubis.organization set daily_relance_quota = 1")
    first, second = pending(cast), pending(cast, client_email="other@dupont.test")
    send(cast, first)
    # Both were queued by that tick; the quota is counted under lock, at the moment of sending.
    assert begin_letter(cast, second)["skip_reason"] == "no relance may leave"
    seen = relances(user, second)
    assert (seen["ahead"]["status"], seen["ahead"]["leaves_at"]) == ("scheduled", "2026-03-06T09:00:00Z")
    send(cast, second)
    assert relances(user, second)["past"][0]["status"] == "sent"


def test_a_settled_invoice_has_nothing_ahead(cast: Cast, user: Account) -> None:
    """What was ahead is past, and says why it did not leave."""
    invoice_id = pending(cast)
    user.post(f"invoices/{invoice_id}/mark-paid")
    seen = relances(user, invoice_id)
    assert (seen["ahead"], seen["forecast"]) == (None, [])
    assert [(item["status"], item["cancel_reason"]) for item in seen["past"]] == [
        ("cancelled", "invoice paid")
    ]
    problem(user.get(f"invoices/{invoice_id}/relances/preview"), 409, "relance__none_ahead", "invoice_id")


def test_a_letter_of_unknown_fate_waits_for_the_user(cast: Cast, user: Account) -> None:
    """It is not sent again by itself; it stays ahead, and the timeline tells."""
    invoice_id = pending(cast)
    relance_id = send(cast, invoice_id, "unknown")
    cast.clock.advance(days=30)
    cast.tick()
    seen = relances(user, invoice_id)["ahead"]
    assert (seen["relance_id"], seen["status"]) == (relance_id, "unconfirmed")
    assert (seen["leaves_at"], seen["reason"]) == (None, "unconfirmed")
    assert kinds(user, invoice_id)[0] == "relance_unconfirmed"


def test_the_user_confirms_it_once(cast: Cast, user: Account) -> None:
    """It counts as sent when it was handed over; the next is ahead; a second call changes nothing."""
    invoice_id = pending(cast)
    relance_id = send(cast, invoice_id, "unknown")
    first = user.post(f"relances/{relance_id}/confirm").json()
    assert [(item["status"], item["sent_at"]) for item in first["past"]] == [("sent", FIRST)]
    assert first["ahead"]["step"] == 2
    assert user.post(f"relances/{relance_id}/confirm").json() == first
    assert kinds(user, invoice_id)[0] == "relance_confirmed"
    problem(user.post(f"relances/{relance_id}/resend"), 409, "relance__not_unconfirmed", "relance_id")


def test_the_user_sends_it_again(cast: Cast, user: Account) -> None:
    """Not within 24 h of the attempt that may have arrived: it is ahead again, and says when it leaves."""
    invoice_id = pending(cast)
    relance_id = send(cast, invoice_id, "unknown")
    ahead = user.post(f"relances/{relance_id}/resend").json()["ahead"]
    assert (ahead["relance_id"], ahead["status"], ahead["reason"]) == (relance_id, "scheduled", "too_soon")
    assert ahead["leaves_at"] == "2026-03-06T09:00:00Z"
    assert kinds(user, invoice_id)[0] == "relance_resent"
    problem(user.post(f"relances/{relance_id}/resend"), 409, "relance__not_unconfirmed", "relance_id")
    problem(user.post(f"relances/{relance_id}/confirm"), 409, "relance__not_unconfirmed", "relance_id")
    assert send(cast, invoice_id) == relance_id
    assert relances(user, invoice_id)["ahead"]["step"] == 2


def test_a_relance_that_was_never_sent_can_neither_be_confirmed_nor_resent(cast: Cast, user: Account) -> None:
    """409 says in which status it is."""
    relance_id = relances(user, pending(cast))["ahead"]["relance_id"]
    for action in ("resend", "confirm"):
        body = problem(user.post(f"relances/{relance_id}/{action}"), 409, "relance__not_unconfirmed")
        assert "scheduled" in body["detail"]


def test_a_letter_of_a_settled_invoice_is_not_sent_again(cast: Cast, user: Account) -> None:
    """The letter of an invoice paid meanwhile is not sent again."""
    invoice_id = pending(cast)
    relance_id = send(cast, invoice_id, "unknown")
    user.post(f"invoices/{invoice_id}/mark-paid")
    problem(user.post(f"relances/{relance_id}/resend"), 409)
    problem(user.post(f"relances/{relance_id}/confirm"), 409)


def test_a_refused_address_pauses_the_client_until_a_new_one_is_given(cast: Cast, user: Account) -> None:
    """The pause names its reason and has no end; a new address lifts it, and the same step is ahead again."""
    invoice_id = pending(cast)
    send(cast, invoice_id, "refused")
    client_id = user.get(f"invoices/{invoice_id}").json()["client"]["client_id"]
    assert user.get(f"clients/{client_id}").json()["pause"] == {
        "until": None,
        "reason": "address refused",
    }
    assert {"relance_refused", "relances_paused"} <= set(kinds(user, invoice_id))
    assert relances(user, invoice_id)["ahead"] is None
    changed = user.patch(f"clients/{client_id}", {"email": "right@dupont.example"}).json()
    assert changed["pause"] is None
    ahead = relances(user, invoice_id)["ahead"]
    assert (ahead["step"], ahead["status"]) == (1, "scheduled")


def test_the_preview_is_the_very_text(cast: Cast, user: Account) -> None:
    """What the worker writes for that letter, to the address it would go to."""
    user.patch("organization", {"signature": "Ana\nAtelier Petit", "late_penalty_rate": 12.5})
    invoice_id = pending(cast, number="F-77", amount_cents=123456)
    seen = user.get(f"invoices/{invoice_id}/relances/preview").json()
    assert seen["to"] == "compta@dupont.test"
    assert "F-77" in seen["subject"]
    assert "1 234,56" in seen["subject"].replace("\u202f", " ").replace("\u00a0", " ")
    assert seen["text"].rstrip().endswith("Ana\nAtelier Petit")
    assert "L441-10" not in seen["text"]


@pytest.mark.parametrize(
    ("changes", "cited"),
    [
        ({"is_business": True}, True),
        ({"is_business": False}, False),
        ({"is_business": True, "locale": "en"}, True),
    ],
)
def test_the_law_is_cited_to_businesses_only(
    cast: Cast, user: Account, changes: dict[str, Any], *, cited: bool
) -> None:
    """By a firm letter, at the rate the organization entered, in the client's language."""
    user.put("relance-plan", {"steps": [{"days_after_due": 3, "tone": "firm"}]})
    user.patch("organization", {"late_penalty_rate": 12.5})
    invoice_id = pending(cast)
    client_id = user.get(f"invoices/{invoice_id}").json()["client"]["client_id"]
    user.patch(f"clients/{client_id}", changes)
    text = user.get(f"invoices/{invoice_id}/relances/preview").json()["text"]
    assert ("L441-10" in text) is cited
    assert ("12.5" in text or "12,5" in text) is cited
    assert ("Madame, Monsieur" not in text) is ("locale" in changes)
    user.patch("organization", {"country": "BE"})
    assert "L441-10" not in user.get(f"invoices/{invoice_id}/relances/preview").json()["text"]


def test_a_preview_without_an_address_names_nobody(cast: Cast, user: Account) -> None:
    """The text is shown all the same, `to` is null."""
    invoice_id = pending(cast, client_name="Sans adresse", client_email=None)
    seen = user.get(f"invoices/{invoice_id}/relances/preview").json()
    assert seen["to"] is None
    assert seen["text"]


def test_an_invoice_that_is_not_there_has_no_relances(ana: Account) -> None:
    """The relances and the preview of an unknown invoice are 404."""
    problem(ana.get("invoices/999999999/relances"), 404, "invoice__missing")
    problem(ana.get("invoices/999999999/relances/preview"), 404, "invoice__missing")


def test_a_letter_too_near_another_to_the_address_says_so(cast: Cast, user: Account) -> None:
    """It waits for the days between two letters to one address, and the API and Today still answer."""
    cast.settings(client_spacing_days=5)
    first = pending(cast)
    second = pending(cast, due_on="2026-03-03")
    send(cast, first)
    seen = relances(user, second)["ahead"]
    assert (seen["reason"], seen["leaves_at"]) == ("client_spacing", "2026-03-10T09:00:00Z")
    answer = user.get("today")
    assert answer.status_code == 200, answer.text
    assert answer.json()["next"][0]["what"] == "question"
