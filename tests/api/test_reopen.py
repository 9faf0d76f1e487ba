"""Reopening an invoice that was paid or cancelled by mistake."""

from tests.api.relancing import SECOND, pending, send
from tests.api.support import Account, kinds, problem, relances
from tests.support.cast import Cast

REASON = {"reason": "the cheque was returned"}


def test_a_paid_invoice_is_open_again_and_its_rubis_taken_back(ana: Account) -> None:
    """The event tells why; a second payment earns a rubis again, a second reopening takes it back."""
    invoice_id = ana.invoice()["invoice_id"]
    path = f"invoices/{invoice_id}"
    for rubis in (1, 1):
        ana.post(f"{path}/mark-paid")
        assert ana.get("me").json()["organization"]["rubis"] == rubis
        opened = ana.post(f"{path}/reopen", REASON).json()
        assert (opened["status"], opened["paid_at"], opened["paid_via"]) == ("open", None, None)
        assert ana.get("me").json()["organization"]["rubis"] == 0
    event = next(
        item for item in ana.get(f"{path}/timeline").json()["items"] if item["kind"] == "invoice_reopened"
    )
    assert (event["label"], event["data"]) == ("was paid", REASON)
    assert event["user_id"] == ana.session["user"]["user_id"]


def test_a_cancelled_invoice_is_open_again(ana: Account) -> None:
    """No rubis is concerned; it is asked about again."""
    invoice = ana.invoice()
    path = f"invoices/{invoice['invoice_id']}"
    ana.post(f"{path}/cancel")
    opened = ana.post(f"{path}/reopen", REASON).json()
    assert (opened["status"], opened["cancelled_at"]) == ("open", None)
    assert opened["checkin"]["status"] == "scheduled"
    assert opened["checkin"]["checkin_task_id"] != invoice["checkin"]["checkin_task_id"]
    assert [item["status"] for item in opened["relances"]] == ["cancelled", "scheduled"]
    assert ana.get("me").json()["organization"]["rubis"] == 0


def test_an_open_invoice_stays_as_it_is(ana: Account) -> None:
    """No event, no new check-in, so a second call changes nothing."""
    invoice = ana.invoice()
    path = f"invoices/{invoice['invoice_id']}"
    assert ana.post(f"{path}/reopen", REASON).json() == invoice
    assert kinds(ana, invoice["invoice_id"]) == ["invoice_created"]
    ana.post(f"{path}/cancel")
    assert ana.post(f"{path}/reopen", REASON).json() == ana.post(f"{path}/reopen", REASON).json()


def test_a_reason_is_needed(ana: Account) -> None:
    """Reopening without a reason is 422, and the invoice stays paid."""
    path = f"invoices/{ana.invoice()['invoice_id']}"
    paid = ana.post(f"{path}/mark-paid").json()
    problem(ana.post(f"{path}/reopen", {}), 422, "request__invalid", "reason")
    problem(ana.post(f"{path}/reopen"), 422, "request__invalid")
    assert ana.get(path).json() == paid


def test_a_number_taken_meanwhile_is_named(ana: Account) -> None:
    """Reopening an invoice whose number was given again is 409 and names the invoice that has it."""
    first = ana.invoice(number="F-1")
    ana.post(f"invoices/{first['invoice_id']}/cancel")
    second = ana.invoice(number="F-1")
    body = problem(
        ana.post(f"invoices/{first['invoice_id']}/reopen", REASON), 409, "invoice__number", "number"
    )
    assert str(second["invoice_id"]) in body["detail"]
    assert ana.get(f"invoices/{first['invoice_id']}").json()["status"] == "cancelled"


def test_a_reopened_invoice_is_asked_about_before_its_next_step(cast: Cast, user: Account) -> None:
    """A reopened invoice is asked about again; the step already sent is not sent again, the next is ahead."""
    invoice_id = pending(cast)
    send(cast, invoice_id)
    user.post(f"invoices/{invoice_id}/mark-paid")
    opened = user.post(f"invoices/{invoice_id}/reopen", REASON).json()
    assert opened["checkin"]["status"] == "scheduled"
    ahead = relances(user, invoice_id)["ahead"]
    assert (ahead["step"], ahead["leaves_at"], ahead["reason"]) == (2, SECOND, None)


def test_a_link_of_before_the_reopening_stays_answered(ana: Account) -> None:
    """Paid by a click, reopened: the same link changes nothing any more."""
    invoice_id = ana.invoice()["invoice_id"]
    link = f"/api/v1/checkin/{ana.mailed_token(invoice_id)}/paid"
    client = ana.api.client()
    assert client.get(link).headers["location"].endswith("/paid")
    ana.post(f"invoices/{invoice_id}/reopen", REASON)
    assert client.get(link).headers["location"].endswith("/already_answered")
    assert ana.get(f"invoices/{invoice_id}").json()["status"] == "open"
