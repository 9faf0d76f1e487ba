"""Signing up, in and out in the web app, and what guards every form."""

import re

import httpx
import pytest

from tests.support.app import OURS, App, Visitor, serving_app
from tests.support.cast import Cast
from tests.support.database import Database

PASSWORD = "une phrase assez longue"
SIGN_UP = {
    "full_name": "Léa Martin",
    "organization_name": "Atelier Martin",
    "email": "lea@martin.example",
    "password": PASSWORD,
    "locale": "fr",
}


@pytest.fixture
def stranger(app: App) -> Visitor:
    """Give somebody who has no account yet."""
    return app.visitor()


def test_a_person_signs_up_out_and_in(stranger: Visitor) -> None:
    """Four fields lead to Today; after signing out the page asked for comes after the password."""
    assert stranger.press("/sign-up", **SIGN_UP).status == 200
    assert "Léa Martin" in stranger.get("/").text

    assert stranger.press("/sign-out").status == 200
    assert "Léa Martin" not in stranger.get("/").text
    asked = stranger.get("/settings/account?from=here")
    assert asked.to == "/sign-in?next=%2Fsettings%2Faccount%3Ffrom%3Dhere"

    inside = stranger.post(
        "/sign-in", email="lea@martin.example", password=PASSWORD, next="/settings/account?from=here"
    )
    assert inside.to == "/settings/account?from=here"
    assert "lea@martin.example" in stranger.get(inside.to).text


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("email", "lea", "Il faut une adresse e-mail"),
        ("email", "", "Il faut une adresse e-mail"),
        ("password", "court", "Entre 10 et 128 caractères."),
        ("password", "Password123", "l’un des plus courants"),
        ("full_name", " ", "Ce champ est à remplir."),
        ("organization_name", "www.example", "Pas de @, de :// ni de www."),
        ("organization_name", "x" * 201, "200 caractères au plus."),
    ],
)
def test_a_refused_form_comes_back_with_what_was_typed(
    stranger: Visitor, field: str, typed: str, words: str
) -> None:
    """The field is named in words and has the focus; nothing typed is lost but the password."""
    refused = stranger.post("/sign-up", **SIGN_UP | {field: typed})

    assert refused.status == 422
    assert words in refused.text
    assert PASSWORD not in refused.html
    assert "autofocus" in refused.html.split(f'name="{field}"')[1].split(">")[0]
    assert ("Atelier Martin" in refused.html) == (field != "organization_name")
    assert stranger.token is None


def test_an_address_that_has_an_account_is_named(stranger: Visitor, cast: Cast) -> None:
    """What the database refuses stands beside its field too."""
    refused = stranger.post("/sign-up", **SIGN_UP | {"email": cast.email})

    assert refused.status == 422
    assert "Cette adresse a déjà un compte" in refused.text


def test_a_wrong_password_does_not_tell_which_is_wrong(app: App, stranger: Visitor) -> None:
    """An unknown address and a wrong password have the same answer."""
    stranger.press("/sign-up", **SIGN_UP)
    answers = [
        app.visitor().post("/sign-in", email=email, password="pas la bonne")
        for email in ("lea@martin.example", "personne@martin.example")
    ]

    assert [answer.status for answer in answers] == [422, 422]
    assert answers[0].text == answers[1].text


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example/", "/\\evil.example", "evil", ""])
def test_signing_in_leads_to_no_other_site(app: App, stranger: Visitor, to: str) -> None:
    """`next` is a path of ours or nothing."""
    stranger.press("/sign-up", **SIGN_UP)
    inside = app.visitor().post("/sign-in", email="lea@martin.example", password=PASSWORD, next=to)

    assert inside.to == "/"


def test_a_session_is_never_taken_over_from_before_signing_in(app: App) -> None:
    """A token planted in the browser is replaced: the planter's token opens nothing."""
    victim, planter = app.visitor(), app.visitor()
    planted = "A" * 43
    victim.client.cookies.set("rubis", planted, domain="127.0.0.1")
    planter.client.cookies.set("rubis", planted)
    answer = victim.client.post("/sign-up", data=SIGN_UP, headers=OURS)

    assert answer.status_code == 303
    assert planted not in answer.headers["set-cookie"]
    assert planter.get("/settings/account").to.startswith("/sign-in")


def test_the_cookie_is_for_this_host_and_no_script(stranger: Visitor) -> None:
    """HttpOnly, SameSite=Lax, the whole site; its token is in no page and only hashed in the database."""
    answer = stranger.post("/sign-up", **SIGN_UP)
    cookie = answer.response.headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Max-Age=2592000" in cookie
    assert stranger.token is not None
    assert stranger.token not in stranger.get("/").html


def test_a_session_slides_once_an_hour(visitor: Visitor, cast: Cast) -> None:
    """Who comes back within thirty days stays signed in; the row is written once an hour at most."""
    session = "select seen_at, expires_at from rubis.access_token where kind = 'web'"
    first = cast.session.row(session)
    cast.clock.advance(minutes=59)
    assert "set-cookie" not in visitor.get("/").response.headers
    assert cast.session.row(session) == first

    cast.clock.advance(days=29)
    assert "set-cookie" in visitor.get("/").response.headers
    cast.clock.advance(days=29)
    assert visitor.get("/settings/account").status == 200

    cast.clock.advance(days=30, seconds=1)
    gone = visitor.get("/settings/account")
    assert gone.to.startswith("/sign-in")
    assert 'rubis=""' in gone.response.headers["set-cookie"]


def test_all_other_sessions_end(visitor: Visitor, cast: Cast, app: App) -> None:
    """One button closes every other browser and program, and not this one."""
    other = app.user(cast)
    assert other.get("/settings/account").status == 200

    said = visitor.press("/sign-out-elsewhere")
    assert "Toutes vos autres connexions sont fermées." in said.text
    assert "Toutes vos autres" not in visitor.get("/settings/account").text  # it is said once
    assert other.get("/settings/account").to.startswith("/sign-in")
    assert cast.session.value("select count(*) from rubis.access_token") == 1


def test_one_closes_a_session(visitor: Visitor, cast: Cast, app: App) -> None:
    """The list names device and address, and is written once an hour at most; one's own has no button."""
    other = app.user(cast)
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0"}
    other.client.headers.update(agent)
    assert "Un navigateur" in visitor.get("/settings/account").text
    cast.clock.advance(hours=1)
    other.get("/")
    page = visitor.get("/settings/account")
    assert "Firefox, Linux" in page.text
    assert "127.0.0.1" in page.text
    assert "Cette connexion" in page.text
    ends = re.findall(r'action="(/settings/account/sessions/[^"]+/end)"', page.html)
    assert len(ends) == 2  # the other browser, and the program that registered
    for end in ends:
        assert "Cette connexion est fermée." in visitor.press(end).text
    assert other.get("/settings/account").to.startswith("/sign-in")
    assert visitor.post(ends[0]).status == 404


@pytest.mark.parametrize(
    ("headers", "granted"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site", "Origin": "SELF"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "SELF"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_a_form_of_another_site_does_nothing(
    visitor: Visitor, cast: Cast, headers: dict[str, str], granted: bool
) -> None:
    """Only our own pages may post: by Sec-Fetch-Site, or by Origin where the browser sends no such header."""
    sent = {name: value.replace("SELF", visitor.url) for name, value in headers.items()}
    answer = visitor.post("/settings/account", sent, full_name="Autre Nom", locale="fr")

    assert answer.status == (303 if granted else 403)
    name = cast.session.value("select full_name::text from rubis.app_user")
    assert (name == "Autre Nom") == granted


def test_one_chooses_the_language_of_ones_pages(visitor: Visitor) -> None:
    """The setting beats what the browser asks for."""
    assert "Votre compte" in visitor.get("/settings/account").text
    said = visitor.press("/settings/account", full_name="Camille Martin", locale="en")
    assert "Saved." in said.text
    assert "Your account" in said.text


def test_guesses_at_both_doors_count_together(database: Database, cast: Cast) -> None:
    """The limit of attempts is the database's: a second server of pages doubles no guess."""
    rate = {"limit_sign_in": "3/minute"}
    with serving_app(database, **rate) as first, serving_app(database, **rate) as second:
        answers = [
            door.visitor().post("/sign-in", email=cast.email, password="faux").status
            for door in (first, second, first, second)
        ]
    assert answers == [422, 422, 422, 429]


def test_pages_say_that_the_database_is_away(web: httpx.Client) -> None:
    """503 with a page and Retry-After; the front page for strangers needs none."""
    assert web.get("/").status_code == 200
    away = web.get("/settings/account", headers={"Cookie": f"rubis={'A' * 43}"})

    assert away.status_code == 503
    assert "Rubis ne répond pas pour le moment" in away.text
    assert away.headers["retry-after"]


def test_every_page_of_the_app_is_guarded_by_its_headers(visitor: Visitor) -> None:
    """A strict policy, no store, the referrer kept to our own site; an unknown address has a page."""
    missing = visitor.get("/nowhere")
    assert missing.status == 404
    for page in (visitor.get("/"), visitor.get("/settings/account"), missing):
        headers = page.response.headers
        assert headers["content-security-policy"] == (
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert headers["x-frame-options"] == "DENY"
        assert "style=" not in page.html
