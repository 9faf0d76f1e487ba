"""Proving an address: the mail is asked for in the app, the page of its link is public."""

from typing import Any

import httpx
import pytest

from app.core.security import new_token
from tests.api.support import LINK_HEADERS, SECRETS, Account, Api, led_to, mail_notice, problem, serving
from tests.support.database import Database

_MAILS = "select * from rubis.mail where organization_id = %s and kind = 'verify_email' order by mail_id"


def mails(user: Account) -> list[dict[str, Any]]:
    """The verification mails on their way or sent."""
    return user.api.database.admin.rows(_MAILS, [user.organization_id])


def mailed(user: Account) -> str:
    """Ask for the mail and send it as the worker does; the token of its link."""
    assert user.post("me/verify-email").status_code == 202
    begun = mail_notice(user.api.database, user.organization_id, "verify_email")
    assert (begun["kind"], begun["to_address"]) == ("verify_email", user.email)
    token: str = begun["token"].plain
    SECRETS.add(token)
    return token


def press(api: Api, token: str, method: str = "POST", **headers: str) -> httpx.Response:
    """What a browser does with the button; without following the redirect."""
    return api.client().request(method, f"/api/v1/verify-email/{token}", headers=headers)


def follow(api: Api, token: str, **headers: str) -> httpx.Response:
    """What a browser, or a program, does with the link."""
    return press(api, token, "GET", **headers)


def outcome(answer: httpx.Response, status: int = 303) -> str:
    """Where a button leads, or a link whose page has no button; asserts the rest of the answer."""
    return led_to(answer, "http://localhost:5173/verify-email", status)


def proven_at(user: Account) -> str | None:
    """When the address was proven, as `me` says it."""
    moment: str | None = user.get("me").json()["user"]["email_proven_at"]
    return moment


def test_the_button_proves_the_address_and_may_be_pressed_again(ana: Account) -> None:
    """The first press counts; the second, and the link, say the same and change nothing."""
    token = mailed(ana)
    assert proven_at(ana) is None
    assert outcome(press(ana.api, token)) == "proven"
    moment = proven_at(ana)
    assert moment is not None
    assert outcome(press(ana.api, token)) == "proven"
    assert outcome(follow(ana.api, token), 302) == "proven"
    assert proven_at(ana) == moment


@pytest.mark.parametrize(
    ("query", "accepted", "words"),
    [
        ("", "", "Confirmer cette adresse"),
        ("?lang=en", "fr", "Confirm this address"),
        ("", "en-GB", "Confirm this address"),
    ],
)
def test_the_link_opens_a_page_with_one_button(ana: Account, query: str, accepted: str, words: str) -> None:
    """In the reader's language, for the address that was mailed; it proves nothing, sets no cookie."""
    token = mailed(ana)
    for _ in range(2):
        page = follow(ana.api, token + query, **{"Accept": "text/html", "Accept-Language": accepted})
        assert page.status_code == 200
        assert (page.text.count("<form"), page.text.count("<button")) == (1, 1)
        assert ana.email in page.text
        assert words in page.text
        assert "<script" not in page.text
        assert "set-cookie" not in page.headers
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "form-action 'self' http://localhost:5173;" in page.headers["content-security-policy"]
    assert proven_at(ana) is None


def test_asking_twice_sends_one_mail(own_api: Api) -> None:
    """Once in ten minutes, and not at all once the address is proven; each time the user comes back."""
    clock = own_api.database.clock
    clock.set("2026-03-02 09:00 UTC")
    ana = own_api.register()
    user = ana.get("me").json()["user"]
    for _ in range(3):
        answer = ana.post("me/verify-email")
        assert (answer.status_code, answer.json()) == (202, user)
    assert len(mails(ana)) == 1
    mailed(ana)
    clock.advance(minutes=9)
    ana.post("me/verify-email")
    assert len(mails(ana)) == 1
    clock.advance(minutes=2)
    token = mailed(ana)
    assert len(mails(ana)) == 2
    assert outcome(press(own_api, token)) == "proven"
    clock.advance(minutes=11)
    assert ana.post("me/verify-email").json()["email_proven_at"] is not None
    assert len(mails(ana)) == 2


def test_a_button_of_a_check_ins_page_proves_it_too(ana: Account) -> None:
    """Its links alone do not, until nothing can contradict them."""
    token = ana.mailed_token(ana.invoice()["invoice_id"])
    ana.api.client().get(f"/api/v1/checkin/{token}/pending")
    assert proven_at(ana) is None
    ana.api.client().post(f"/checkin/{token}/pending")
    assert proven_at(ana) is not None


def test_a_page_lives_for_24_hours(own_api: Api) -> None:
    """A page that proves an address lives for 24 hours from its mail's acceptance."""
    own_api.database.clock.set("2026-03-02 09:00 UTC")
    ana = own_api.register()
    token = mailed(ana)
    own_api.database.clock.advance(hours=24)
    assert outcome(follow(own_api, token), 302) == "expired"
    assert outcome(press(own_api, token)) == "expired"
    query = "select email_proven_at from rubis.app_user where organization_id = %s"
    assert own_api.database.admin.value(query, [ana.organization_id]) is None


def test_a_token_of_another_kind_is_invalid(ana: Account) -> None:
    """A forged one; one of a check-in; and the other way round."""
    forged = new_token()
    SECRETS.add(forged)
    for token in (forged, ana.mailed_token(ana.invoice()["invoice_id"])):
        assert outcome(press(ana.api, token)) == "invalid"
        assert outcome(follow(ana.api, token), 302) == "invalid"
    answer = ana.api.client().get(f"/api/v1/checkin/{mailed(ana)}/paid")
    assert answer.headers["location"].endswith("/checkin/invalid")
    assert proven_at(ana) is None


@pytest.mark.parametrize(
    "token", ["x", "A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + "é", "%00" * 43, "'; --"]
)
def test_a_proof_that_cannot_have_a_token_is_invalid_without_asking_the_database(
    own_api: Api, token: str
) -> None:
    """It is answered even while the database refuses everybody."""
    own_api.database.admin.execute("revoke usage on schema api from rubis_api")
    assert outcome(press(own_api, token)) == "invalid"
    assert outcome(follow(own_api, token), 302) == "invalid"


def test_head_on_a_proof_proves_nothing(ana: Account) -> None:
    """Mail scanners look at links."""
    token = mailed(ana)
    for _ in range(2):
        seen = press(ana.api, token, "HEAD")
        assert (seen.status_code, seen.content) == (204, b"")
        assert "location" not in seen.headers
        for name, value in LINK_HEADERS.items():
            assert seen.headers[name] == value
    assert proven_at(ana) is None


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
def test_other_methods_on_a_proof_prove_nothing(ana: Account, method: str) -> None:
    """The page of a proof answers 405 to other methods."""
    assert press(ana.api, mailed(ana), method).status_code == 405
    assert proven_at(ana) is None


def test_invalid_tokens_are_limited_by_address_and_valid_ones_do_not_count(database: Database) -> None:
    """Together with those of check-in links; a person sees words instead of a problem."""
    with serving(database, limit_invalid_token="2/minute") as api:
        ana = api.register()
        token = mailed(ana)
        for _ in range(4):
            assert outcome(press(api, token)) == "proven"
        assert outcome(follow(api, "short"), 302) == "invalid"
        assert api.client().get("/api/v1/checkin/short/paid").status_code == 302
        problem(press(api, token), 429, "rate_limit__token")
        page = follow(api, token, Accept="text/html,*/*;q=0.8")
        assert page.status_code == 429
        assert 1 <= int(page.headers["retry-after"]) <= 60
        assert "pas été confirmé" in page.text
        assert token not in page.text


def test_a_person_is_shown_a_page_when_the_database_cannot_answer(own_api: Api) -> None:
    """503 in words, in both languages; a program gets the problem; both may come back."""
    ana = own_api.register()
    token = mailed(ana)
    own_api.database.admin.execute("revoke usage on schema api from rubis_api")
    page = press(own_api, token, Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert page.status_code == 503
    assert page.headers["content-type"].startswith("text/html")
    assert "could not be confirmed" in page.text
    for name, value in LINK_HEADERS.items():
        assert page.headers[name] == value
    problem(press(own_api, token, Accept="*/*"), 503, "database__not_migrated")
    own_api.database.admin.execute("grant usage on schema api to rubis_api")
    assert outcome(press(own_api, token)) == "proven"


def test_a_proof_is_asked_for_by_its_own_user_only(api: Api) -> None:
    """Asking for a proof without an access token is 401."""
    problem(api.client().post("/api/v1/me/verify-email"), 401, "access_token__missing")
