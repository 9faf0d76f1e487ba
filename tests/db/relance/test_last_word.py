"""What the database says last of a letter, when its server is ready to take it."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg.rows import DictRow

from tests.support.cast import Cast
from tests.support.letters import (
    ahead,
    begin_letter,
    calendar,
    confirm_letter,
    fail_letter,
    finish_letter,
    pending,
    sending_letter,
    until_due,
)

CLIENT = "compta@boulangerie.example"


@pytest.fixture
def begun(cast: Cast) -> DictRow:
    """A letter that is being sent, and its invoice."""
    calendar(cast)
    invoice_id = pending(cast, client_email=CLIENT)
    return {"invoice_id": invoice_id, **sending_letter(cast, invoice_id)}


def set_client(cast: Cast, begun: DictRow, **changes: Any) -> None:
    """The user changes the client."""
    client_id = cast.row(begun["invoice_id"])["client_id"]
    cast.api("update_client", client_id=client_id, changes=cast.json(changes))


def test_the_letter_says_what_is_true_at_the_last_moment(cast: Cast, begun: DictRow) -> None:
    """Texts that changed since the letter was begun are in it; the lease begins again."""
    cast.clock.advance(seconds=90)
    set_client(cast, begun, name="Boulangerie Martin et fils")
    letter = confirm_letter(cast, begun)["letter"]
    assert letter["client_name"] == "Boulangerie Martin et fils"
    assert cast.letters(begun["invoice_id"])[0]["lease_expires_at"] == cast.now() + timedelta(minutes=3)
    finish_letter(cast, begun)
    assert cast.rows("relance", begun["invoice_id"])[0]["status"] == "sent"


def test_a_quota_of_one_lets_its_only_letter_leave(cast: Cast, begun: DictRow) -> None:
    """The attempt in hand counts neither for the quota nor for the 24 hours between two letters."""
    cast.dba("update rubis.organization set daily_relance_quota = 1")
    assert "letter" in confirm_letter(cast, begun)


def test_a_paid_invoice_ends_its_letter(cast: Cast, begun: DictRow) -> None:
    """Paid while the server made the worker wait: the relance is cancelled, and the user is not told."""
    cast.api("mark_invoice_paid", invoice_id=begun["invoice_id"])
    assert confirm_letter(cast, begun) == {"skip_reason": "invoice_paid"}
    fail_letter(cast, begun, "withdrawn")
    (relance,) = cast.rows("relance", begun["invoice_id"])
    assert (relance["status"], relance["cancel_reason"]) == ("cancelled", "invoice paid")
    assert not [kind for kind in cast.events(begun["invoice_id"]) if "relance" in str(kind)]


def test_a_pause_puts_the_letter_off(cast: Cast, begun: DictRow) -> None:
    """Paused meanwhile: the relance waits for the pause's end, and no failure counts."""
    until = cast.now().date() + timedelta(days=5)
    cast.api("pause_invoice", invoice_id=begun["invoice_id"], until=until, reason=None)
    assert confirm_letter(cast, begun) == {"skip_reason": "paused"}
    fail_letter(cast, begun, "withdrawn")
    cast.tick()
    relance = ahead(cast, begun["invoice_id"])
    assert relance["status"] == "scheduled"
    assert [letter["failure_class"] for letter in cast.letters(begun["invoice_id"])] == ["withdrawn"]
    assert relance["next_look_at"].date() > until


def test_a_corrected_address_gets_the_letter(cast: Cast, begun: DictRow) -> None:
    """The old address gets nothing; the letter is begun again at once for the new one."""
    set_client(cast, begun, email="nouvelle@boulangerie.example")
    assert confirm_letter(cast, begun) == {"skip_reason": "the address changed"}
    fail_letter(cast, begun, "withdrawn")
    until_due(cast, begun["invoice_id"])
    again = begin_letter(cast, begun["invoice_id"])
    assert (again["to_address"], again["thread"]) == ("nouvelle@boulangerie.example", [])
    assert "letter" in confirm_letter(cast, again)


def test_a_worker_that_was_given_up_has_no_word(cast: Cast, begun: DictRow) -> None:
    """After its lease ran out the letter's fate is the user's to decide: the late worker sends nothing."""
    assert "letter" in confirm_letter(cast, begun)
    cast.clock.advance(minutes=4)
    cast.tick()
    assert confirm_letter(cast, begun) == {"skip_reason": "mail is unconfirmed"}


def test_a_letter_whose_last_word_was_never_given_is_tried_again(cast: Cast, begun: DictRow) -> None:
    """The worker was lost before the server was ready: the letter has not left, and leaves once more."""
    cast.clock.advance(minutes=4)
    cast.tick()
    assert confirm_letter(cast, begun) == {"skip_reason": "mail is scheduled"}
    again = sending_letter(cast, begun["invoice_id"])
    assert "letter" in confirm_letter(cast, again)
