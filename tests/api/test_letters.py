"""How mails come, as an organization sets it, and the letters of an invoice over HTTP."""

from typing import Any

import pytest

from tests.api.relancing import FIRST, pending, send
from tests.api.support import Account, problem
from tests.support.cast import Cast

LIMITS = {
    "questions_per_mail": (1, 50),
    "question_mails_per_day": (1, 100),
    "client_spacing_days": (0, 30),
    "letters_kept_days": (30, 3650),
}


def letters(user: Account, invoice_id: int) -> list[dict[str, Any]]:
    """The letters of an invoice, as the API shows them."""
    answer = user.get(f"invoices/{invoice_id}/letters")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.parametrize("name", LIMITS)
def test_a_number_of_mails_has_bounds(ana: Account, name: str) -> None:
    """Both ends are taken and shown, also by `me`; beyond them the field is named."""
    least, most = LIMITS[name]
    for value in (least, most):
        assert ana.patch("organization", {name: value}).json()[name] == value
        assert ana.get("me").json()["organization"][name] == value
    for wrong in (least - 1, most + 1, None):
        body = problem(ana.patch("organization", {name: wrong}), 422, "request__invalid")
        assert [error["field"] for error in body["errors"]] == [name]


def test_how_mails_look_and_who_gets_a_copy_is_set(ana: Account) -> None:
    """mail_format is text or both, letter_copies yes or no; what is not named stays."""
    changed = ana.patch("organization", {"mail_format": "both"}).json()
    assert (changed["mail_format"], changed["letter_copies"]) == ("both", False)
    changed = ana.patch("organization", {"letter_copies": True}).json()
    assert (changed["mail_format"], changed["letter_copies"]) == ("both", True)
    problem(ana.patch("organization", {"mail_format": "html"}), 422, "request__invalid", "mail_format")


def test_the_text_of_a_letter_that_left_is_shown_as_long_as_it_is_kept(cast: Cast, user: Account) -> None:
    """To whom, when, about which invoices, word for word; after that only that it left."""
    user.patch("organization", {"letters_kept_days": 30})
    invoice_id = pending(cast, client_email="compta@dupont.test")
    assert letters(user, invoice_id) == []
    send(cast, invoice_id)
    (letter,) = letters(user, invoice_id)
    assert letter | {"mail_id": 0} == {
        "mail_id": 0,
        "attempt": 1,
        "step": 1,
        "tone": "courteous",
        "sent_at": FIRST,
        "status": "sent",
        "to_address": "compta@dupont.test",
        "subject": "Facture",
        "body": "Bonjour",
        "invoice_ids": [invoice_id],
    }
    cast.clock.advance(days=29, hours=23)
    assert cast.worker("prune_letters") == {"letter_texts": 0}
    assert letters(user, invoice_id) == [letter]
    cast.clock.advance(hours=1)
    assert cast.worker("prune_letters") == {"letter_texts": 1}
    assert letters(user, invoice_id) == [letter | {"subject": None, "body": None}]


def test_a_letter_of_unknown_fate_is_shown_as_unconfirmed(cast: Cast, user: Account) -> None:
    """Until the user confirms that it arrived."""
    invoice_id = pending(cast)
    relance_id = send(cast, invoice_id, "unknown")
    assert [(letter["status"], letter["sent_at"]) for letter in letters(user, invoice_id)] == [
        ("unconfirmed", FIRST)
    ]
    user.post(f"relances/{relance_id}/confirm")
    assert [letter["status"] for letter in letters(user, invoice_id)] == ["sent"]


def test_a_letter_about_two_invoices_is_one_for_both(cast: Cast, user: Account) -> None:
    """The preview names both, the oldest first, with HTML if mails have it; the letter stands with each."""
    user.patch("organization", {"mail_format": "both"})
    first, second = pending(cast, number="F-1"), pending(cast, number="F-2")
    seen = user.get(f"invoices/{second}/relances/preview").json()
    assert (seen["invoice_ids"], seen["leaves_at"]) == ([first, second], FIRST)
    for number in ("F-1", "F-2"):
        assert number in seen["text"]
        assert number in seen["html"]
    send(cast, first)
    assert letters(user, first) == letters(user, second)
    assert [letter["invoice_ids"] for letter in letters(user, first)] == [[first, second]]
    user.patch("organization", {"mail_format": "text"})
    assert user.get(f"invoices/{first}/relances/preview").json()["html"] is None


def test_letters_of_an_invoice_that_is_not_there(ana: Account) -> None:
    """404, as for all that an unknown invoice has."""
    problem(ana.get("invoices/999999999/letters"), 404, "invoice__missing")
