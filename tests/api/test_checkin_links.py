"""The two public links of a check-in mail, over HTTP."""

import httpx
import pytest

from app.core.security import new_token
from tests.api.support import LINK_HEADERS, SECRETS, Account, Api, led_to, problem, tick


def click(api: Api, token: str, answer: str, method: str = "GET", **headers: str) -> httpx.Response:
    """What a browser does with a link; without following the redirect."""
    return api.client().request(method, f"/api/v1/checkin/{token}/{answer}", headers=headers)


def outcome(answer: httpx.Response) -> str:
    """Where a click leads; asserts the rest of the answer."""
    return led_to(answer, "http://localhost:5173/checkin")


def page(answer: httpx.Response) -> str:
    """What is behind our own page's address, if a click leads there; asserts the rest of the answer."""
    return led_to(answer, "http://localhost:3333/checkin")


def clicks(ana: Account) -> list[str]:
    """What the organization's clicks led to, in their order."""
    query = "select outcome from rubis.checkin_click where organization_id = %s order by checkin_click_id"
    return [row["outcome"] for row in ana.api.database.admin.rows(query, [ana.organization_id])]


def test_the_paid_link_settles_the_invoice_once(ana: Account) -> None:
    """The first click pays, earns a rubis and cancels the relance; the second is already_answered."""
    invoice_id = ana.invoice()["invoice_id"]
    token = ana.mailed_token(invoice_id)
    assert outcome(click(ana.api, token, "paid")) == "paid"
    invoice = ana.get(f"invoices/{invoice_id}").json()
    assert (invoice["status"], invoice["paid_via"]) == ("paid", "check-in")
    assert invoice["checkin"]["answer"] == "paid"
    assert {relance["status"] for relance in invoice["relances"]} == {"cancelled"}
    assert ana.get("me").json()["organization"]["rubis"] == 1
    assert outcome(click(ana.api, token, "paid")) == "already_answered"
    assert ana.get("me").json()["organization"]["rubis"] == 1
    paid = [event for event in ana.get("activity").json()["items"] if event["kind"] == "invoice_paid"]
    assert [event["label"] for event in paid] == ["via check-in"]


@pytest.mark.parametrize(("first", "second"), [("paid", "pending"), ("pending", "paid")])
def test_the_opposite_link_at_once_takes_the_answer_back(ana: Account, first: str, second: str) -> None:
    """No person follows both links: from then on both lead to the page, and a person has to decide."""
    invoice_id = ana.invoice(issued_on="2020-01-02", due_on="2020-02-01")["invoice_id"]
    token = ana.mailed_token(invoice_id)
    assert outcome(click(ana.api, token, first)) == first
    assert page(click(ana.api, token, second)) == f"{token}?answer={second}"
    for answer in (first, second):
        assert page(click(ana.api, token, answer)) == f"{token}?answer={answer}"
    invoice = ana.get(f"invoices/{invoice_id}").json()
    assert (invoice["status"], invoice["checkin"]["answer"]) == ("open", None)
    (ahead,) = (relance for relance in invoice["relances"] if relance["status"] != "cancelled")
    assert (ahead["status"], ahead["hold_reason"]) == ("held", "owner_said_paid")
    assert ana.get("me").json()["organization"]["rubis"] == 0
    kinds = [event["kind"] for event in ana.get(f"invoices/{invoice_id}/timeline").json()["items"]]
    assert kinds.count("checkin_contradicted") == 1
    assert clicks(ana) == [first, "contradicted", "confirm", "confirm"]


def test_the_opposite_link_later_is_already_answered(own_api: Api) -> None:
    """After the organization's contradiction_seconds it may well be a person, and the first answer counts."""
    clock = own_api.database.clock
    clock.set("2026-11-02 09:00 UTC")
    ana = own_api.register()
    assert ana.patch("organization", {"contradiction_seconds": 5}).json()["contradiction_seconds"] == 5
    token = ana.mailed_token(ana.invoice()["invoice_id"])
    assert outcome(click(own_api, token, "paid")) == "paid"
    clock.advance(seconds=5)
    assert outcome(click(own_api, token, "pending")) == "already_answered"


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_in_confirm_mode_a_link_opens_the_page_and_writes_nothing(ana: Account, answer: str) -> None:
    """The organization chose so; even the click leaves no row."""
    changed = ana.patch("organization", {"click_mode": "confirm"})
    assert (changed.status_code, changed.json()["click_mode"]) == (200, "confirm")
    invoice_id = ana.invoice()["invoice_id"]
    token = ana.mailed_token(invoice_id)
    for _ in range(2):
        assert page(click(ana.api, token, answer)) == f"{token}?answer={answer}"
    assert ana.get(f"invoices/{invoice_id}").json()["checkin"]["status"] == "sent"
    assert clicks(ana) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Sec-Purpose", "prefetch"),
        ("Sec-Purpose", "prefetch;prerender"),
        ("Sec-Purpose", "prefetch;anonymous-client-ip"),
        ("Purpose", "prefetch"),
        ("X-Purpose", "preview"),
        ("X-Moz", "Prefetch"),
    ],
)
def test_a_browser_ahead_of_the_click_answers_nothing(own_api: Api, name: str, value: str) -> None:
    """403, which it discards, without asking the database; the click itself then answers."""
    ana = own_api.register()
    token = ana.mailed_token(ana.invoice()["invoice_id"])
    own_api.database.admin.execute("revoke usage on schema api from rubis_api")
    for answer in ("paid", "pending"):
        seen = click(own_api, token, answer, **{name: value, "Accept": "text/html,*/*;q=0.8"})
        problem(seen, 403, "link__not_clicked")
        for header, expected in LINK_HEADERS.items():
            assert seen.headers[header] == expected
    own_api.database.admin.execute("grant usage on schema api to rubis_api")
    assert clicks(ana) == []
    assert outcome(click(own_api, token, "paid", **{name: "navigate"})) == "paid"


def test_the_pending_link_leaves_the_invoice_open(ana: Account) -> None:
    """A click on pending leaves the invoice open and its relances scheduled."""
    invoice_id = ana.invoice(issued_on="2020-01-02", due_on="2020-02-01")["invoice_id"]
    token = ana.mailed_token(invoice_id)
    assert outcome(click(ana.api, token, "pending")) == "pending"
    invoice = ana.get(f"invoices/{invoice_id}").json()
    assert (invoice["status"], invoice["checkin"]["answer"]) == ("open", "still_pending")
    assert {relance["status"] for relance in invoice["relances"]} == {"scheduled"}


def test_a_link_lives_for_24_hours(own_api: Api) -> None:
    """From the moment its mail was accepted. A late click on paid, and no other, asks again."""
    clock = own_api.database.clock
    clock.set("2026-11-02 09:00 UTC")
    ana = own_api.register()
    token = ana.mailed_token(ana.invoice()["invoice_id"])
    clock.advance(hours=24)
    tick(own_api.database)
    assert outcome(click(own_api, token, "pending")) == "expired"
    assert outcome(click(own_api, token, "paid")) == "expired"
    assert clicks(ana) == ["expired", "asked_again"]


@pytest.mark.parametrize(
    "token", ["x", "A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + "é", "%00" * 43, "'; --"]
)
def test_a_link_that_cannot_have_a_token_is_invalid_without_asking_the_database(
    own_api: Api, token: str
) -> None:
    """It is answered even while the database refuses everybody."""
    own_api.database.admin.execute("revoke usage on schema api from rubis_api")
    assert outcome(click(own_api, token, "paid")) == "invalid"


def test_a_forged_token_is_invalid(api: Api) -> None:
    """A token of the right shape that was never issued is invalid."""
    token = new_token()
    SECRETS.add(token)
    assert outcome(click(api, token, "paid")) == "invalid"
    assert outcome(click(api, token, "pending")) == "invalid"


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_head_on_a_link_answers_nothing(ana: Account, answer: str) -> None:
    """Mail scanners look at links; only a GET is an answer. HEAD does not even ask the database."""
    invoice_id = ana.invoice()["invoice_id"]
    token = ana.mailed_token(invoice_id)
    for _ in range(2):
        seen = click(ana.api, token, answer, "HEAD")
        assert seen.status_code == 204
        assert "location" not in seen.headers
        for name, value in LINK_HEADERS.items():
            assert seen.headers[name] == value
    assert ana.get(f"invoices/{invoice_id}").json()["checkin"]["status"] == "sent"
    assert clicks(ana) == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_on_a_link_answer_nothing(ana: Account, method: str) -> None:
    """A link answers 405 to any method but GET and HEAD."""
    token = ana.mailed_token(ana.invoice()["invoice_id"])
    assert click(ana.api, token, "paid", method).status_code == 405


def test_the_click_is_kept_with_its_browser(ana: Account) -> None:
    """A click keeps its user agent, printable and cut to what the table takes."""
    token = ana.mailed_token(ana.invoice()["invoice_id"])
    outcome(click(ana.api, token, "paid", **{"User-Agent": "Browser\t/1 " + "x" * 600}))
    kept = ana.api.database.admin.value(
        "select user_agent from rubis.checkin_click where organization_id = %s", [ana.organization_id]
    )
    assert kept.startswith("Browser/1 x")
    assert len(kept) == 500


def test_a_person_is_shown_a_page_when_the_database_cannot_answer(own_api: Api) -> None:
    """503 in words, in both languages, claiming nothing; a program gets the problem; both may come back."""
    ana = own_api.register()
    token = ana.mailed_token(ana.invoice()["invoice_id"])
    own_api.database.admin.execute("revoke usage on schema api from rubis_api")
    shown = click(own_api, token, "paid", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert shown.status_code == 503
    assert shown.headers["content-type"].startswith("text/html")
    assert shown.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert int(shown.headers["retry-after"]) > 0
    assert "pas été confirmé" in shown.text
    assert "could not be confirmed" in shown.text
    assert token not in shown.text
    for name, value in LINK_HEADERS.items():
        assert shown.headers[name] == value
    program = click(own_api, token, "paid", Accept="*/*")
    assert (program.status_code, program.json()["reason"]) == (503, "database__not_migrated")
    own_api.database.admin.execute("grant usage on schema api to rubis_api")
    assert outcome(click(own_api, token, "paid")) == "paid"


def test_the_redirect_goes_where_the_settings_say_whatever_the_request(ana: Account) -> None:
    """No header or parameter moves it: not an open redirect."""
    token = ana.mailed_token(ana.invoice()["invoice_id"])
    answer = ana.api.client().get(
        f"/api/v1/checkin/{token}/paid?next=https://evil.example",
        headers={
            "Host": "evil.example",
            "X-Forwarded-Host": "evil.example",
            "Referer": "https://evil.example",
        },
    )
    assert outcome(answer) == "paid"


def test_2000_gets_of_one_link_leave_a_bounded_number_of_rows(ana: Account) -> None:
    """A program that opens a known link again and again is answered each time, and fills no table."""
    token = ana.mailed_token(ana.invoice()["invoice_id"])
    link = f"/api/v1/checkin/{token}/paid"
    with httpx.Client(base_url=ana.api.url) as client:
        led = [outcome(client.get(link)) for _ in range(2000)]
    assert led == ["paid"] + ["already_answered"] * 1999
    assert clicks(ana) == ["paid"] + ["already_answered"] * 20
