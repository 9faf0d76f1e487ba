"""What was said belongs to its recipient: another client of the invoice hears it from the beginning."""

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
    queued_letter,
    relances,
    send_letter,
    sending_letter,
    until_due,
)

NEW = "compta@fournil.example"


@pytest.fixture(autouse=True)
def _holidays(cast: Cast) -> None:
    calendar(cast)


def another_client(cast: Cast, invoice_id: int, email: str = NEW) -> int:
    """The user gives the invoice to another client, who has an invoice already; returns its key."""
    other = cast.invoice(client_name="Le Fournil", client_email=email, due_on="2027-01-04")
    client_id: int = cast.row(other)["client_id"]
    cast.update(invoice_id, client_id=client_id)
    return client_id


def ask_and_wait(cast: Cast, invoice_id: int) -> DictRow:
    """The owner answers the question that the change asks; the relance that is then queued."""
    assert cast.click(cast.ask(invoice_id), "pending") == "pending"
    return until_due(cast, invoice_id)


def test_another_client_is_reminded_from_the_first_step(cast: Cast) -> None:
    """After letter 1 the client is replaced: the new one gets step 1, in a thread of its own."""
    invoice_id = pending(cast)
    sent = send_letter(cast, invoice_id)
    client_id = another_client(cast, invoice_id)
    relance = ask_and_wait(cast, invoice_id)
    assert (relance["step"], relance["tone"], relance["client_id"]) == (1, "courteous", client_id)
    letter = begin_letter(cast, invoice_id)
    assert (letter["to_address"], letter["thread"], letter["invoices"][0]["step"]) == (NEW, [], 1)
    (past,) = [item for item in relances(cast, invoice_id)["past"] if item["status"] == "sent"]
    assert (past["client_id"], past["counts"]) == (sent["client_id"], False)
    assert "relances begin again" in str(cast.rows("activity_event", invoice_id))


def test_a_client_who_comes_back_hears_the_next_step(cast: Cast) -> None:
    """The invoice goes to another client and back before a letter: step 2 follows step 1."""
    invoice_id = pending(cast)
    first = send_letter(cast, invoice_id)
    another_client(cast, invoice_id)
    cast.update(invoice_id, client_id=first["client_id"])
    relance = ask_and_wait(cast, invoice_id)
    assert (relance["step"], relance["client_id"]) == (2, first["client_id"])
    assert begin_letter(cast, invoice_id)["thread"] == [cast.letters(invoice_id)[0]["message_id"]]


def test_a_letter_on_its_way_belongs_to_the_client_it_was_written_to(cast: Cast) -> None:
    """Replaced while the letter is being sent: accepted, it is the old client's; the new one gets step 1."""
    invoice_id = pending(cast)
    begun = sending_letter(cast, invoice_id)
    old = cast.row(invoice_id)["client_id"]
    client_id = another_client(cast, invoice_id)
    assert "letter" not in confirm_letter(cast, begun)
    finish_letter(cast, begun)
    assert (cast.rows("relance", invoice_id)[0]["client_id"], ahead(cast, invoice_id)["step"]) == (old, 1)
    assert ahead(cast, invoice_id)["client_id"] == client_id


@pytest.mark.parametrize("failure", ["withdrawn", "temporary", "unknown"])
def test_a_letter_that_did_not_leave_is_not_tried_at_another_client(cast: Cast, failure: str) -> None:
    """Whatever became of the letter to the old client, a relance of its own goes to the new one."""
    invoice_id = pending(cast)
    begun = sending_letter(cast, invoice_id)
    client_id = another_client(cast, invoice_id)
    fail_letter(cast, begun, failure)
    old, new = cast.rows("relance", invoice_id)
    assert (old["status"], old["cancel_reason"]) == ("cancelled", "another client or a new term")
    assert (new["status"] in ("scheduled", "held"), new["step"], new["client_id"]) == (True, 1, client_id)
    assert ("relance_unconfirmed" in str(cast.events(invoice_id))) == (failure == "unknown")


def test_an_unconfirmed_letter_to_another_client_decides_nothing(cast: Cast) -> None:
    """Replaced while the fate of a letter is unknown: it is cancelled, also after paid and reopened."""
    invoice_id = pending(cast)
    fail_letter(cast, sending_letter(cast, invoice_id), "unknown")
    client_id = another_client(cast, invoice_id)
    assert ahead(cast, invoice_id)["client_id"] == client_id
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    cast.api("reopen_invoice", invoice_id=invoice_id, reason="not paid after all")
    assert (ahead(cast, invoice_id)["client_id"], ahead(cast, invoice_id)["step"]) == (client_id, 1)
    assert ahead(cast, invoice_id)["status"] != "unconfirmed"


def test_a_queued_letter_is_planned_again_for_another_client(cast: Cast) -> None:
    """Replaced between queue and worker: the job finds nothing to send to the old client."""
    invoice_id = pending(cast)
    queued = until_due(cast, invoice_id)
    letter = queued_letter(cast, invoice_id)
    assert letter is not None
    client_id = another_client(cast, invoice_id)
    assert cast.begin_mail(letter["mail_id"])["skip_reason"] == "no relance is due"
    assert cast.rows("relance", invoice_id)[0]["relance_id"] == queued["relance_id"]
    assert cast.rows("relance", invoice_id)[0]["status"] == "cancelled"
    assert (ahead(cast, invoice_id)["client_id"], ahead(cast, invoice_id)["step"]) == (client_id, 1)
