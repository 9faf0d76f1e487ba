"""The page of an invoice: what follows and why, and what can be done now, which is then not refused."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.letters import pending, send_letter


def page(cast: Cast, invoice_id: int) -> Any:
    """What the page shows."""
    return cast.api("show_invoice", invoice_id=invoice_id)


ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "answer": ("answer_invoice_checkin", {"answer": "pending"}),
    "ask_now": ("ask_checkin_again", {}),
    "cancel": ("cancel_invoice", {}),
    "change": ("update_invoice", {"changes": Cast.json({"amount_cents": 7})}),
    "exclude": ("update_invoice", {"changes": Cast.json({"relances_off": True})}),
    "include": ("update_invoice", {"changes": Cast.json({"relances_off": False})}),
    "pause": ("pause_invoice", {"until": "2026-05-01"}),
    "pay": ("mark_invoice_paid", {}),
    "reopen": ("reopen_invoice", {"reason": "a mistake"}),
    "resume": ("resume_invoice", {}),
    "undo": ("undo_answer", {}),
}
"""The function behind each act."""

FRESH = {"answer", "ask_now", "cancel", "change", "exclude", "pause", "pay"}


def paid_late(cast: Cast) -> int:
    """Paid was clicked when the links had run out."""
    invoice_id, token = cast.asked()
    cast.clock.advance(hours=25)
    cast.tick()
    cast.click(token, "paid")
    return invoice_id


def after(*acts: tuple[str, dict[str, Any]]) -> Callable[[Cast], int]:
    """A new invoice with which the user has done this."""

    def make(cast: Cast) -> int:
        invoice_id = cast.invoice()
        for function, params in acts:
            cast.api(function, invoice_id=invoice_id, **params)
        return invoice_id

    return make


def answered(way: Callable[[Cast, int, Any], object]) -> Callable[[Cast], int]:
    """An invoice about which the question was answered in this way."""

    def make(cast: Cast) -> int:
        invoice_id, token = cast.asked()
        way(cast, invoice_id, token)
        return invoice_id

    return make


STATES: dict[str, tuple[Callable[[Cast], int], set[str]]] = {
    "new": (after(), FRESH),
    "answered": (pending, FRESH - {"answer"} | {"undo"}),
    "paid by a click": (answered(lambda cast, _, token: cast.click(token, "paid")), {"reopen", "undo"}),
    "paid in the app": (
        answered(lambda cast, invoice_id, _: cast.answer(invoice_id, "paid")),
        {"reopen", "undo"},
    ),
    "said paid late": (paid_late, FRESH),
    "marked paid": (after(("mark_invoice_paid", {})), {"reopen"}),
    "cancelled": (after(("cancel_invoice", {})), {"reopen"}),
    "paused and excluded": (
        after(("pause_invoice", {"until": "2026-04-01"}), ACTS["exclude"]),
        FRESH - {"exclude"} | {"include", "resume"},
    ),
}
"""How an invoice comes into a state, and the acts that it must have."""


@pytest.mark.parametrize("name", STATES)
def test_what_is_offered_is_not_refused(known: Cast, name: str) -> None:
    """Each act that is offered is done by its function and changes something."""
    make, acts = STATES[name]
    invoice_id = make(known)
    known.clock.advance(minutes=1)
    shown = page(known, invoice_id)
    assert set(shown["acts"]) == acts
    for act in shown["acts"]:
        function, params = ACTS[act]
        with known.session.connection.transaction(force_rollback=True):
            known.api(function, invoice_id=invoice_id, **params)
            done = page(known, invoice_id)
            assert (done["invoice"], done["timeline"]) != (shown["invoice"], shown["timeline"]), act


@pytest.mark.parametrize("name", ["new", "marked paid", "cancelled"])
def test_an_undo_that_is_not_offered_is_refused(known: Cast, name: str) -> None:
    """There is no answer, or it was no answer that settled the invoice."""
    invoice_id = STATES[name][0](known)
    with known.raises("RB409", "checkin_task__not_answered", "invoice_id"):
        known.api("undo_answer", invoice_id=invoice_id)


def test_an_answer_of_the_app_is_taken_back_with_what_it_did(known: Cast) -> None:
    """The rubis goes, the question is open again; a link of a mail takes back no answer of the app."""
    invoice_id, token = known.asked()
    known.answer(invoice_id, "paid")
    assert (known.undo(token), known.rubis()) == ("unchanged", 1)
    assert known.api("undo_answer", invoice_id=invoice_id)["status"] == "open"
    shown = page(known, invoice_id)
    assert (known.rubis(), shown["question"] is not None) == (0, True)
    event = shown["timeline"]["items"][0]
    assert (event["kind"], event["label"], event["user_name"]) == (
        *("checkin_undone", "paid taken back, via app", "Camille Martin"),
    )
    known.answer(invoice_id, "pending")
    known.clock.advance(days=14)
    with known.raises("RB409", "checkin_task__not_answered"):
        known.api("undo_answer", invoice_id=invoice_id)


def test_it_says_what_follows_and_why(known: Cast) -> None:
    """In one word, with the reason and the act that frees it."""
    cases: list[tuple[str, str | None, str | None]] = []
    invoice_id = known.invoice()
    for function, params in (
        ("pause_invoice", {"until": "2026-04-01"}),
        ("update_invoice", {"changes": known.json({"relances_off": True})}),
        ("mark_invoice_paid", {}),
    ):
        cases.append(told(known, invoice_id))
        known.api(function, invoice_id=invoice_id, **params)
    cases.append(told(known, invoice_id))
    assert cases == [
        ("leaves", None, None),
        ("waits", "paused", "resume"),
        ("held", "invoice_excluded", "include"),
        ("settled", None, None),
    ]
    sent = pending(known)
    send_letter(known, sent)
    shown = page(known, sent)
    assert [(letter["subject"], letter["body"]) for letter in shown["letters"]] == [("Facture", "Bonjour")]
    assert shown["rules"] == {"question_valid_days": 7, "client_spacing_days": 0}
    assert shown["timeline"]["items"][0]["kind"] == "relance_sent"


def told(cast: Cast, invoice_id: int) -> tuple[str, str | None, str | None]:
    """State, reason and remedy."""
    outlook = page(cast, invoice_id)["outlook"]
    return outlook["state"], outlook["reason"], outlook["remedy"]
