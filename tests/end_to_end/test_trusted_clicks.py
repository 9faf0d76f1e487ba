"""Machines follow links and persons press buttons, over real HTTP, a real worker and real SMTP."""

import re
from html import unescape
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from tests.support.mails import page_token, page_url
from tests.support.person import Person
from tests.support.stack import WEB_URL, Stack
from tests.support.waiting import until

BROWSER = {"User-Agent": "a browser", "Accept": "text/html", "Accept-Language": "en"}


def scan(urls: list[str]) -> list[str]:
    """What a mail scanner does with the links of a mail: where each led when it was fetched."""
    for url in urls:
        assert httpx.head(url).status_code == 204
        assert httpx.get(url, headers={"Sec-Purpose": "prefetch"}).is_success is False
    return [str(httpx.get(url).headers["location"]) for url in urls]


def buttons(url: str) -> dict[str, str]:
    """Where the buttons of a page post to, by the last word of that address. Looking at it writes nothing."""
    page = httpx.get(url, headers=BROWSER)
    assert page.status_code == 200, page.text
    assert page.headers["cache-control"] == "no-store"
    actions = re.findall(r'<form method="post" action="([^"]+)"', page.text)
    return {action.partition("?")[0].rpartition("/")[2]: urljoin(url, unescape(action)) for action in actions}


def press(url: str, button: str) -> str:
    """Press a button of a page, and read what the page says then."""
    answer = httpx.post(buttons(url)[button], headers=BROWSER)
    assert answer.status_code == 303, answer.text
    page = httpx.get(urljoin(url, answer.headers["location"]), headers=BROWSER)
    assert page.status_code == 200
    return page.text


def current(person: Person, invoice: dict[str, Any]) -> dict[str, Any]:
    """The invoice as it is now."""
    document: dict[str, Any] = person.get(f"invoices/{invoice['invoice_id']}")
    return document


def ahead(invoice: dict[str, Any]) -> list[tuple[int, str]]:
    """Step and moment of the relance ahead."""
    return [
        (relance["step"], relance["scheduled_at"])
        for relance in invoice["relances"]
        if relance["status"] == "scheduled"
    ]


@pytest.mark.parametrize("order", [["paid", "pending"], ["pending", "paid"]], ids=lambda order: order[0])
@pytest.mark.parametrize("chosen", ["paid", "pending"])
def test_a_person_after_a_scanner(ana: Person, order: list[str], chosen: str) -> None:
    """A scanner that follows every link twice answers nothing, and the relance waits for the button."""
    invoice, mail = ana.asked()
    before = ana.wait_until_sent(invoice)
    page = page_url(mail)
    urls = [mail.links[answer] for answer in order]
    assert scan(urls) == [f"{WEB_URL}/checkin/{order[0]}", f"{page}?answer={order[1]}"]
    assert scan(urls) == [f"{page}?answer={answer}" for answer in order]
    scanned = current(ana, invoice)
    assert (scanned["status"], scanned["checkin"]["status"], ana.rubis()) == ("open", "sent", 0)
    (held,) = (relance for relance in scanned["relances"] if relance["status"] != "cancelled")
    assert (held["step"], held["status"], held["hold_reason"]) == (1, "held", "owner_said_paid")
    assert [kind for kind, _ in ana.timeline(invoice)].count("checkin_contradicted") == 1

    assert set(buttons(page)) == {"paid", "pending"}
    press(page, chosen)
    answered = current(ana, invoice)
    expected = ("paid", "paid", 1) if chosen == "paid" else ("open", "still_pending", 0)
    assert (answered["status"], answered["checkin"]["answer"], ana.rubis()) == expected
    assert ahead(answered) == ([] if chosen == "paid" else ahead(before))


def test_a_receipt_takes_a_click_back(stack: Stack, ana: Person) -> None:
    """A click on paid, the receipt a minute later, and its button: the same question is open again.

    The owner is asked again before the letter, once the links of that question have run out.
    """
    invoice, mail = ana.asked(number="2026-118")
    before = ana.wait_until_sent(invoice)
    assert httpx.get(mail.links["paid"]).headers["location"] == f"{WEB_URL}/checkin/paid"
    assert (current(ana, invoice)["status"], ana.rubis()) == ("paid", 1)
    stack.a_minute_passes()
    (receipt,) = ana.receipts(invoice)
    assert receipt.recipients == [ana.email]
    assert "Dupont SARL" in receipt.message["Subject"]
    page = page_url(receipt)
    assert page == f"{stack.url}/checkin/{page_token(receipt)}"
    assert page_token(receipt) != mail.token

    assert set(buttons(page)) == {"undo"}
    undone = httpx.post(f"{page}/undo")
    assert (undone.status_code, undone.headers["cache-control"]) == (303, "no-store")
    after = current(ana, invoice)
    assert (after["status"], after["checkin"]["status"], ana.rubis()) == ("open", "sent", 0)
    ((step, letter_at),) = ahead(after)
    ((planned_step, planned_at),) = ahead(before)
    assert (step, letter_at >= planned_at) == (planned_step, True)
    (asks_at,) = (relance["asks_at"] for relance in after["relances"] if relance["status"] == "scheduled")
    assert asks_at >= after["checkin"]["expires_at"] == before["checkin"]["expires_at"]
    assert ana.timeline(invoice)[-1] == ("checkin_undone", "paid taken back, via receipt")
    assert httpx.post(f"{page}/undo").status_code == 303
    assert len(ana.timeline(invoice)) == len(set(ana.timeline(invoice)))

    # Whatever answered may come by again: now the links open the page.
    assert httpx.get(mail.links["paid"]).headers["location"] == f"{page_url(mail)}?answer=paid"
    press(page_url(mail), "paid")
    assert (current(ana, invoice)["status"], ana.rubis()) == ("paid", 1)
    first, second = ana.receipts(invoice, 2)
    assert page_token(first) != page_token(second)
    assert httpx.post(f"{page_url(first)}/undo").status_code == 303
    assert current(ana, invoice)["status"] == "paid"  # the first receipt is of the first answer
    assert httpx.post(f"{page_url(second)}/undo").status_code == 303
    assert current(ana, invoice)["status"] == "open"


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_a_receipt_answers_nothing(stack: Stack, ana: Person, answer: str) -> None:
    """Its token is worth an undo, and nothing else: neither as a link nor as a button."""
    invoice, mail = ana.asked()
    httpx.get(mail.links["paid"])
    stack.a_minute_passes()
    (receipt,) = ana.receipts(invoice)
    token = page_token(receipt)
    link = httpx.get(f"{stack.url}/api/v1/checkin/{token}/{answer}")
    assert link.headers["location"] == f"{WEB_URL}/checkin/invalid"
    assert httpx.post(f"{page_url(receipt)}/{answer}").status_code == 404
    assert (current(ana, invoice)["status"], ana.rubis()) == ("paid", 1)


def test_the_page_changes_the_answer(ana: Person) -> None:
    """For 14 days the mail's page changes the answer, as often as its user likes."""
    invoice, mail = ana.asked()
    ana.wait_until_sent(invoice)
    page = page_url(mail)
    for answer, status, rubis in (("paid", "paid", 1), ("pending", "open", 0), ("paid", "paid", 1)):
        press(page, answer)
        assert (current(ana, invoice)["status"], ana.rubis()) == (status, rubis)
    press(page, "undo")
    assert (current(ana, invoice)["status"], ana.rubis()) == ("open", 0)


def test_an_organization_that_confirms(ana: Person) -> None:
    """In click_mode confirm a link opens the page, for a person and a machine; its one button answers."""
    ana.patch("organization", {"click_mode": "confirm"})
    invoice, mail = ana.asked(number="2026-119")
    before = ana.wait_until_sent(invoice)
    page = page_url(mail)
    for _ in range(2):
        assert scan(list(mail.links.values())) == [f"{page}?answer=paid", f"{page}?answer=pending"]
    shown = httpx.get(f"{page}?answer=paid", headers=BROWSER).text
    assert all(fact in shown for fact in ("2026-119", "Dupont SARL", "1,200.00"))
    assert set(buttons(f"{page}?answer=paid")) == {"paid"}
    assert current(ana, invoice) == before
    press(f"{page}?answer=paid", "paid")
    assert (current(ana, invoice)["status"], ana.rubis()) == ("paid", 1)


def test_an_organization_whose_mail_is_scanned(ana: Person) -> None:
    """After two contradictions it is told by mail and in the API that confirm suits it."""
    for _ in range(2):
        invoice, mail = ana.asked()
        ana.wait_until_sent(invoice)
        scan(list(mail.links.values()))
    until(lambda: [mail for mail in ana.stack.peer.to(ana.email) if "click_mode" in mail.text], "no advice")
    assert ana.get("me")["organization"]["click_mode_advice"] == "confirm"
    ana.patch("organization", {"click_mode": "confirm"})
    assert ana.get("me")["organization"]["click_mode_advice"] is None


def test_an_organization_without_receipts(ana: Person) -> None:
    """Who wishes none gets none; the mail's own page still takes the answer back."""
    ana.patch("organization", {"answer_receipts": False})
    invoice, mail = ana.asked()
    httpx.get(mail.links["paid"])
    _, other = ana.asked()
    assert ana.stack.peer.to(ana.email) == [mail, other]
    press(page_url(mail), "undo")
    assert current(ana, invoice)["status"] == "open"
