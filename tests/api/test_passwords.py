"""Forgotten and changed passwords, and changed addresses, over HTTP."""

import time

from tests.api.support import PASSWORD, SECRETS, Account, Api, problem, serving
from tests.support.database import Database

FORGOT = "/api/v1/auth/forgot-password"
NEW = "une toute autre phrase"
SECRETS.add(NEW)
_MAILS = "select count(*) from rubis.mail where organization_id = %s and kind = %s"


def mails(user: Account, kind: str) -> int:
    """How many mails of this kind the user is to get."""
    count: int = user.api.database.admin.value(_MAILS, [user.organization_id, kind])
    return count


def test_asking_tells_nothing(ana: Account) -> None:
    """202 and no word for any address, after the same time; one mail for the one that has an account."""
    client = ana.api.client()

    def ask(email: str) -> float:
        began = time.perf_counter()
        answer = client.post(FORGOT, json={"email": email})
        assert (answer.status_code, answer.content) == (202, b"null")
        return time.perf_counter() - began

    turns = [(ask(ana.email), ask("nobody@atelier.example")) for _ in range(3)]
    known, unknown = (min(turn) for turn in zip(*turns, strict=True))
    assert abs(known - unknown) < 0.1
    assert min(known, unknown) >= 0.3
    assert mails(ana, "reset_password") == 3
    problem(client.post(FORGOT, json={"email": "ana"}), 422, "request__invalid", "email")


def test_asking_is_limited_as_signing_in_is(database: Database) -> None:
    """By address, together with passwords."""
    with serving(database, limit_sign_in="2/hour") as api:
        client = api.client()
        for _ in range(2):
            assert client.post(FORGOT, json={"email": "ana@b.example"}).status_code == 202
        answer = client.post(FORGOT, json={"email": "bob@b.example"})
        problem(answer, 429, "rate_limit__address")


def test_one_changes_ones_password(ana: Account) -> None:
    """The old one is asked; other sessions end; the new one signs in, the old one does not; a mail tells."""

    def sign_in(password: str) -> int:
        body = {"email": ana.email, "password": password}
        return ana.api.client().post("/api/v1/auth/login", json=body).status_code

    client = ana.api.client()
    login = client.post("/api/v1/auth/login", json={"email": ana.email, "password": PASSWORD})
    other = Account(ana.api, client, ana.email, login.json())
    wrong = ana.post("me/password", {"password": "not this one", "new_password": NEW})
    problem(wrong, 422, "app_user__password", "password")
    common = ana.post("me/password", {"password": PASSWORD, "new_password": "1234567890"})
    problem(common, 422, "request__invalid", "new_password")
    assert other.get("me").status_code == 200
    assert ana.post("me/password", {"password": PASSWORD, "new_password": NEW}).status_code == 204
    assert [ana.get("me").status_code, other.get("me").status_code] == [200, 401]
    assert [sign_in(PASSWORD), sign_in(NEW)] == [401, 200]
    assert mails(ana, "password_changed") == 1


def test_a_session_alone_guesses_no_password(database: Database) -> None:
    """Attempts at one's own password count as those of signing in."""
    with serving(database, limit_sign_in="4/hour") as api:
        ana = api.register()
        for _ in range(3):
            problem(ana.post("me/password", {"password": "not this one", "new_password": NEW}), 422)
        refused = ana.post("me/password", {"password": PASSWORD, "new_password": NEW})
        problem(refused, 429, "rate_limit__address")


def test_an_account_is_needed(api: Api) -> None:
    """Without an access token nothing is changed."""
    problem(api.client().post("/api/v1/me/password", json={}), 401, "access_token__missing")


def test_an_address_is_changed_with_the_password(ana: Account) -> None:
    """202, and a mail to the new address; whether it has an account is not told."""
    taken = ana.api.register().email
    body = {"email": "neuve@atelier.example", "password": PASSWORD}
    problem(ana.post("me/email", body | {"password": "not this one"}), 422, "app_user__password", "password")
    problem(ana.post("me/email", body | {"email": ana.email}), 422, "app_user__same_email", "email")
    assert [ana.post("me/email", body | {"email": e}).status_code for e in (taken, body["email"])] == [
        202,
        202,
    ]
    assert mails(ana, "change_email") == 2
    assert ana.get("me").json()["user"]["email"] == ana.email
