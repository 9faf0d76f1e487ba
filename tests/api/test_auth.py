"""Signing up and in."""

import time

import pytest

from tests.api.support import COOKIE, PASSWORD, Account, Api, problem, registration


def test_registering_makes_an_organization_and_signs_its_user_in(api: Api) -> None:
    """One call: organization, user, session; the refresh token only in a cookie no script can read."""
    body = registration(locale="en")
    client = api.client()
    answer = client.post("/api/v1/auth/register", json=body)
    assert answer.status_code == 201
    session = answer.json()
    assert session["expires_in"] == 1800
    assert session["user"] == {**session["user"], "email": body["email"], "full_name": "Ana Petit"}
    assert session["user"]["email_proven_at"] is None
    assert session["organization"] == {
        "organization_id": session["organization"]["organization_id"],
        "name": "Atelier Petit",
        "locale": "en",
        "time_zone": "Europe/Paris",
        "checkin_time": "09:00",
        "relance_time": "10:00",
        "country": "FR",
        "holiday_region": None,
        "public_holidays": session["organization"]["public_holidays"],
        "signature": None,
        "late_penalty_rate": None,
        "siren": None,
        "vat_number": None,
        "terms_days": 30,
        "terms_end_of_month": False,
        "click_mode": "direct",
        "click_mode_advice": None,
        "contradiction_seconds": 60,
        "answer_receipts": True,
        "question_valid_days": 7,
        "questions_per_mail": 25,
        "question_mails_per_day": 4,
        "client_spacing_days": 2,
        "mail_format": "text",
        "letter_copies": False,
        "letters_kept_days": 365,
        "rubis": 0,
    }
    cookie = answer.headers["set-cookie"].lower()
    for attribute in ("httponly", "samesite=strict", "path=/api/v1/auth", "max-age=2592000"):
        assert attribute in cookie
    assert "secure" not in cookie
    assert client.cookies[COOKIE] not in answer.text
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {session['access_token']}"})
    assert me.json() == {"user": session["user"], "organization": session["organization"]}


def test_an_email_has_one_account_whatever_its_case(api: Api, ana: Account) -> None:
    """409 names the field, and no organization is left behind."""
    count = "select count(*) from rubis.organization"
    before = api.database.admin.value(count)
    client = api.client()
    answer = client.post("/api/v1/auth/register", json=registration(email=ana.email.upper()))
    problem(answer, 409, "app_user__email", "email")
    assert COOKIE not in answer.headers.get("set-cookie", "")
    assert api.database.admin.value(count) == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ana"),
        ("email", "ana@atelier.example\r\nBcc: x@y.example"),
        ("email", "a" * 250 + "@b.example"),
        ("email", 7),
        ("password", "too short"),
        ("password", "x" * 129),
        ("password", "QWERTYuiop"),
        ("password", None),
        ("full_name", ""),
        ("full_name", "   "),
        ("full_name", "A\nB"),
        ("full_name", "A\u2028B"),
        ("full_name", "nul\u0000"),
        ("full_name", "x" * 201),
        ("organization_name", "\u0085"),
        ("locale", "de"),
        ("admin", True),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_written(api: Api, field: str, value: object) -> None:
    """422 with the field's name; the value given is not repeated."""
    client = api.client()
    answer = client.post("/api/v1/auth/register", json=registration() | {field: value})
    body = problem(answer, 422, "request__invalid", field)
    assert "input" not in body
    if isinstance(value, str) and len(value) > 5:
        assert value not in answer.text


def test_a_password_may_be_a_phrase_in_any_script(api: Api) -> None:
    """Spaces and any letters count; the same password typed on another keyboard (NFKC) signs in."""
    email = registration()["email"]
    api.register(email=email, password="un mot de passe caf\u00e9")
    client = api.client()
    body = {"email": email, "password": "un mot de passe cafe\u0301"}
    assert client.post("/api/v1/auth/login", json=body).status_code == 200


def test_signing_in_opens_another_session(ana: Account) -> None:
    """Both sessions work, side by side."""
    client = ana.api.client()
    answer = client.post("/api/v1/auth/login", json={"email": ana.email.upper(), "password": PASSWORD})
    assert answer.status_code == 200
    other = Account(ana.api, client, ana.email, answer.json())
    assert other.token != ana.token
    assert other.get("me").status_code == ana.get("me").status_code == 200


def test_a_wrong_password_and_an_unknown_email_look_the_same(ana: Account) -> None:
    """A wrong password and an unknown e-mail get the same status and the same problem."""
    client = ana.api.client()
    wrong = client.post("/api/v1/auth/login", json={"email": ana.email, "password": "not the password"})
    unknown = client.post(
        "/api/v1/auth/login", json={"email": "nobody@atelier.example", "password": "not the password"}
    )
    one, other = problem(wrong, 401, "app_user__credentials"), problem(unknown, 401)
    assert {**one, "request_id": ""} == {**other, "request_id": ""}
    assert wrong.headers["www-authenticate"].startswith("Bearer")


def test_time_tells_nothing_of_who_has_an_account(ana: Account) -> None:
    """An unknown e-mail costs a password's verification too."""

    def seconds(email: str) -> float:
        began = time.perf_counter()
        client.post("/api/v1/auth/login", json={"email": email, "password": "not the password"})
        return time.perf_counter() - began

    # In turns, and the shortest of each: what else the machine does at some moment lengthens either.
    client = ana.api.client()
    turns = [(seconds(ana.email), seconds("nobody@atelier.example")) for _ in range(5)]
    known, unknown = (min(one) for one in zip(*turns, strict=True))
    assert unknown > known / 2, (known, unknown)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer short",
        "Basic YTpi",
        "Bearer " + "A" * 43,
        "Bearer " + "\u00e9".encode().decode("latin1") * 22,
    ],
)
def test_a_request_without_a_valid_access_token_is_401(api: Api, header: str | None) -> None:
    """Missing, malformed or unknown: 401 and how to authenticate."""
    client = api.client()
    headers = {} if header is None else {"Authorization": header.encode("latin1")}
    answer = client.get("/api/v1/me", headers=headers)  # type: ignore[arg-type]
    assert problem(answer, 401)["reason"].startswith("access_token__")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_tokens_and_passwords_are_in_the_database_only_as_hashes(ana: Account) -> None:
    """No column of any table holds a token's text."""
    tables = ana.api.database.admin.rows(
        "select c.oid::regclass::text as name from pg_class as c where c.relkind = 'r'"
        " and c.relnamespace = 'rubis'::regnamespace"
    )
    for table in tables:
        for secret in (ana.token, ana.refresh_token, PASSWORD):
            found = f"select count(*) from {table['name']} as t where to_jsonb(t)::text like %s"
            assert ana.api.database.admin.value(found, [f"%{secret}%"]) == 0
