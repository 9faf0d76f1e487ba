"""From a registered account to a settled invoice, over real HTTP, a real worker and real SMTP."""

from secrets import token_urlsafe
from typing import Any

import httpx
import pytest

from tests.support.mails import page_url
from tests.support.person import Person
from tests.support.smtp import Mail
from tests.support.stack import WEB_URL, Stack
from tests.support.waiting import until

CREATED = ("invoice_created", None)
SENT = ("checkin_sent", None)


def click(url: str) -> str:
    """Click a link as a mail reader's browser would, without cookies: where it leads."""
    answer = httpx.get(url, headers={"User-Agent": "a browser"})
    assert answer.status_code == 302, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    return str(answer.headers["location"])


def outcome(name: str) -> str:
    """The result page of an outcome."""
    return f"{WEB_URL}/checkin/{name}"


def current(person: Person, invoice: dict[str, Any]) -> dict[str, Any]:
    """The invoice as it is now."""
    document: dict[str, Any] = person.get(f"invoices/{invoice['invoice_id']}")
    return document


def relances(invoice: dict[str, Any]) -> list[str]:
    """The statuses of its relances."""
    return [relance["status"] for relance in invoice["relances"]]


def test_a_due_invoice_asks_its_user(stack: Stack, ana: Person) -> None:
    """It is mailed to the user, not the client: the invoice's facts, two links for 24 h, and a page."""
    client = f"compta.{ana.email}"
    invoice, mail = ana.asked(number="2026-117", client_email=client)
    assert mail.recipients == [ana.email]
    assert ana.email in mail.message["To"]
    assert not [other for other in stack.peer.mails if client in str(other.message)]
    assert "2026-117" in mail.message["Subject"]
    assert "Dupont SARL" in mail.message["Subject"]
    assert "24\xa0h" in mail.text
    assert mail.message.get_content_type() == "text/plain"
    assert mail.links == {
        answer: f"{stack.url}/api/v1/checkin/{mail.token}/{answer}" for answer in ("paid", "pending")
    }
    assert page_url(mail) == f"{stack.url}/checkin/{mail.token}"
    ana.wait_until_sent(invoice)
    assert ana.timeline(invoice) == [CREATED, SENT]


def test_one_click_pays_an_invoice(ana: Person) -> None:
    """One click settles the invoice, earns a rubis, writes the activity and cancels the relance ahead."""
    invoice, mail = ana.asked()
    assert relances(invoice) == ["scheduled"]
    ana.wait_until_sent(invoice)
    assert click(mail.links["paid"]) == outcome("paid")
    settled = current(ana, invoice)
    assert (settled["status"], settled["paid_via"]) == ("paid", "check-in")
    assert settled["paid_at"] is not None
    assert (settled["checkin"]["status"], settled["checkin"]["answer"]) == ("answered", "paid")
    assert relances(settled) == ["cancelled"]
    assert ana.rubis() == 1
    assert ana.timeline(invoice) == [CREATED, SENT, ("invoice_paid", "via check-in")]


def test_the_same_link_again_changes_nothing(ana: Person) -> None:
    """A second click on the link that answered is told that the check-in is answered, and changes nothing."""
    invoice, mail = ana.asked()
    ana.wait_until_sent(invoice)  # the acceptance would be a change
    assert click(mail.links["paid"]) == outcome("paid")
    before = current(ana, invoice)
    assert click(mail.links["paid"]) == outcome("already_answered")
    assert (current(ana, invoice), ana.rubis()) == (before, 1)


def test_the_other_link_a_minute_later_changes_nothing(stack: Stack, ana: Person) -> None:
    """A click on the opposite link a minute after the answer is told of the answer, and changes nothing."""
    invoice, mail = ana.asked()
    ana.wait_until_sent(invoice)
    assert click(mail.links["paid"]) == outcome("paid")
    before = current(ana, invoice)
    stack.a_minute_passes()
    assert click(mail.links["pending"]) == outcome("already_answered")
    assert (current(ana, invoice), ana.rubis()) == (before, 1)


def test_a_pending_click_leaves_the_invoice_open(stack: Stack, ana: Person) -> None:
    """A click on "not yet" leaves the invoice open and its relance ahead, and earns nothing."""
    invoice, mail = ana.asked()
    ana.wait_until_sent(invoice)
    assert click(mail.links["pending"]) == outcome("pending")
    after = current(ana, invoice)
    assert (after["status"], after["checkin"]["status"]) == ("open", "answered")
    assert after["checkin"]["answer"] == "still_pending"
    assert relances(after) == ["scheduled"]
    assert ana.rubis() == 0
    assert ana.timeline(invoice) == [CREATED, SENT, ("checkin_answered", "still pending, via check-in")]
    stack.a_minute_passes()
    assert click(mail.links["paid"]) == outcome("already_answered")


def test_a_pending_link_a_day_later_is_expired(stack: Stack, ana: Person) -> None:
    """After 24 hours the check-in ends without an answer; a late "not yet" changes nothing."""
    invoice, mail = ana.asked()
    ana.wait_until_sent(invoice)
    stack.database.clock.advance(hours=24, minutes=1)
    assert click(mail.links["pending"]) == outcome("expired")
    ana.log_in()
    until(lambda: current(ana, invoice)["checkin"]["status"] == "expired", "not expired")
    before = current(ana, invoice)
    assert click(mail.links["pending"]) == outcome("expired")
    assert current(ana, invoice) == before
    assert (before["status"], relances(before)) == ("open", ["scheduled"])
    assert ana.timeline(invoice)[-1] == ("checkin_expired", None)


def test_a_paid_link_a_day_later_asks_again(stack: Stack, ana: Person) -> None:
    """A late "paid" answers nothing, but no relance leaves and the question is asked again, once."""
    invoice, mail = ana.asked()
    ana.wait_until_sent(invoice)
    stack.database.clock.advance(hours=24, minutes=1)
    ana.log_in()
    until(lambda: current(ana, invoice)["checkin"]["status"] == "expired", "not expired")
    next_mail = stack.peer.hold("rcpt", ana.email, times=2)  # once accepted, it lets the relance go
    for _ in range(2):
        assert click(mail.links["paid"]) == outcome("expired")
    held = current(ana, invoice)
    assert (held["status"], relances(held), ana.rubis()) == ("open", ["held"], 0)
    stack.peer.forget(next_mail)
    _, again = ana.mails(2)
    ana.wait_until_sent(invoice)
    assert click(mail.links["paid"]) == outcome("expired")
    assert click(again.links["paid"]) == outcome("paid")
    assert (current(ana, invoice)["status"], ana.rubis()) == ("paid", 1)
    assert len(ana.mails(2)) == 2


@pytest.mark.parametrize(
    "token",
    [token_urlsafe(32), token_urlsafe(32)[:-1], "x", "%00" * 43, "é" * 43],
    ids=["unknown", "cut short", "short", "zeros", "letters"],
)
def test_a_forged_link_is_invalid(stack: Stack, ana: Person, token: str) -> None:
    """A token that was never issued, or that cannot be one, is invalid and changes nothing."""
    invoice, _ = ana.asked()
    assert click(f"{stack.url}/api/v1/checkin/{token}/paid") == outcome("invalid")
    assert current(ana, invoice)["status"] == "open"


def test_a_link_with_a_third_answer_is_no_page(stack: Stack, ana: Person) -> None:
    """There are two answers; a third is no page."""
    _, mail = ana.asked()
    assert httpx.get(f"{stack.url}/api/v1/checkin/{mail.token}/maybe").status_code == 404


@pytest.mark.parametrize(
    ("method", "status"),
    [("HEAD", 204), ("POST", 405), ("PUT", 405), ("DELETE", 405), ("OPTIONS", 405)],
)
def test_only_a_click_answers(ana: Person, method: str, status: int) -> None:
    """A scanner's HEAD, or any other method, answers nothing; the click after it does."""
    invoice, mail = ana.asked()
    ana.wait_until_sent(invoice)
    for url in mail.links.values():
        assert httpx.request(method, url).status_code == status
    assert current(ana, invoice)["checkin"]["status"] == "sent"
    assert click(mail.links["paid"]) == outcome("paid")


def test_an_imported_draft_is_asked_about(stack: Stack, ana: Person) -> None:
    """An invoice made by validating a draft is asked about like any other."""
    draft = {
        "number": "IMPORT-1",
        "client_name": "Dupont SARL",
        "client_email": "compta@dupont.example",
        "issued_on": "2026-01-02",
        "due_on": "2026-02-01",
        "amount_cents": 4200,
        "currency": "EUR",
    }
    batch = ana.post("import-batches", {"drafts": [draft]})
    path = f"import-batches/{batch['import_batch_id']}/drafts/{batch['drafts'][0]['import_draft_id']}"
    invoice = ana.post(f"{path}/validate")
    stack.a_minute_passes()
    (mail,) = ana.mails(1)
    assert "IMPORT-1" in mail.message["Subject"]
    assert click(mail.links["paid"]) == outcome("paid")
    assert (current(ana, invoice)["status"], ana.rubis()) == ("paid", 1)


@pytest.mark.parametrize(("verb", "rubis"), [("mark-paid", 1), ("cancel", 0)])
def test_an_invoice_settled_before_it_is_due_is_not_asked_about(
    stack: Stack, ana: Person, verb: str, rubis: int
) -> None:
    """An invoice settled or withdrawn before its check-in is due is not asked about."""
    settled, asked = ana.issue(), ana.issue()
    ana.post(f"invoices/{settled['invoice_id']}/{verb}")
    stack.a_minute_passes()
    (mail,) = ana.mails(1)
    ana.wait_until_sent(asked)
    assert asked["number"] in mail.message["Subject"]
    assert current(ana, settled)["checkin"]["status"] == "cancelled"
    assert relances(current(ana, settled)) == ["cancelled"]
    assert ana.rubis() == rubis


def test_an_invoice_settled_by_hand_after_its_mail_is_already_answered(ana: Person) -> None:
    """Once marked paid by hand, the links of the mail say that it is answered, and earn no second rubis."""
    invoice, mail = ana.asked()
    ana.wait_until_sent(invoice)
    ana.post(f"invoices/{invoice['invoice_id']}/mark-paid")
    assert click(mail.links["paid"]) == outcome("already_answered")
    assert click(mail.links["pending"]) == outcome("already_answered")
    assert ana.rubis() == 1
    assert ana.timeline(invoice)[-1] == ("invoice_paid", "manual")


def test_mark_paid_and_a_click_have_the_same_effects(ana: Person) -> None:
    """But for how it was known, an invoice settled by a click is as one settled by hand."""
    by_hand, _ = ana.asked()
    by_click, mail = ana.asked()
    ana.wait_until_sent(by_hand)
    ana.wait_until_sent(by_click)
    ana.post(f"invoices/{by_hand['invoice_id']}/mark-paid")
    click(mail.links["paid"])

    def effects(invoice: dict[str, Any]) -> list[Any]:
        document = current(ana, invoice)
        cancelled = [(relance["status"], relance["cancel_reason"]) for relance in document["relances"]]
        return [document["status"], cancelled, [kind for kind, _ in ana.timeline(invoice)]]

    assert effects(by_hand) == effects(by_click)
    assert ana.rubis() == 2


def test_a_changed_invoice_is_asked_about_again(stack: Stack, ana: Person) -> None:
    """A changed amount makes the links of the old mail expire, and a new mail asks with the new facts."""
    invoice, old = ana.asked()
    ana.wait_until_sent(invoice)
    ana.patch(f"invoices/{invoice['invoice_id']}", {"amount_cents": 99_900})
    assert click(old.links["paid"]) == outcome("expired")
    stack.a_minute_passes()
    _, new = ana.mails(2)
    assert "999" in new.message["Subject"]
    assert click(new.links["paid"]) == outcome("paid")


def test_a_user_who_asks_again_gets_another_mail(ana: Person) -> None:
    """A user who lost the mail gets another at once; the old link expires."""
    invoice, old = ana.asked()
    ana.wait_until_sent(invoice)
    ana.post(f"invoices/{invoice['invoice_id']}/checkin/ask-again")
    mails: list[Mail] = ana.mails(2)
    assert click(old.links["paid"]) == outcome("expired")
    assert click(mails[1].links["pending"]) == outcome("pending")


def test_an_english_organization_is_asked_in_english(stack: Stack) -> None:
    """The mail is in the organization's language."""
    with Person(stack, locale="en") as ben:
        _, mail = ben.asked()
        assert "Have you received payment" in mail.text
        assert "24 hours" in mail.text


def test_a_line_break_in_a_name_reaches_no_header(stack: Stack, ana: Person) -> None:
    """A name that would add a header is refused; quotes and brackets in a number stay text."""
    body = {"name": "Dupont\r\nBcc: victim@example.org", "email": "compta@dupont.example"}
    answer = ana.browser.post("/api/v1/clients", json=body)
    assert answer.status_code == 422, answer.text
    _, mail = ana.asked(number='A, "B" <c.example>')
    assert mail.message["Bcc"] is None
    assert mail.recipients == [ana.email]
    assert not stack.peer.to("victim@example.org")


def test_readiness_is_well_while_mails_leave(stack: Stack, ana: Person) -> None:
    """While mails leave, /readyz says that worker, mail and check-ins are well."""
    ana.asked()
    answer = httpx.get(f"{stack.url}/readyz")
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "ready"
