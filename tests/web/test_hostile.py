"""What an adversary, a neighbouring host, a busy browser or an old session does to the app."""

import json
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Route

from app.core.amounts import read_cents
from app.models import auth
from app.web.forms import Form
from app.web.visit import local_path
from tests.support.app import OURS, App, Visitor, serving_app
from tests.support.cast import Cast
from tests.support.database import Database


def leave(cast: Cast, message: dict[str, Any]) -> None:
    """What the next page of the user's session is to say."""
    cast.dba("update rubis.access_token set message = %s::jsonb where kind = 'web'", json.dumps(message))


SAVED = {"area": "account", "text": "saved", "values": {}, "kind": "done"}


@pytest.mark.parametrize(
    "path", ["//[", "//\uff03x", "//evil.example", "/\\evil.example", "/\t/evil.example", "/\n"]
)
def test_a_path_that_is_no_path_of_ours_leads_home(app: App, path: str) -> None:
    """Whatever browsers or Python make of it."""
    assert local_path(path) is None
    assert app.visitor().get("/sign-in", next=path).status == 200


@pytest.mark.parametrize("before", [b"\xa0", b"\x85"])
def test_a_cookie_of_nearly_the_same_name_is_another(app: App, visitor: Visitor, before: bytes) -> None:
    """A neighbouring host may set it where it may not set ours: it would choose whose account one is in."""
    assert visitor.token is not None
    own, planted = (name + b"rubis=" + visitor.token.encode() for name in (b"", before))
    with httpx.Client(base_url=app.url) as client:
        for cookie, status in ((own, 200), (planted, 303), (b"a=b;  " + own + b"; c", 200)):
            assert client.get("/settings/account", headers=[(b"cookie", cookie)]).status_code == status


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("HEAD", "/", {}),
        ("GET", "/", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", "/", {"Purpose": "prefetch"}),
        ("GET", "/favicon.ico", {"Sec-Fetch-Dest": "image"}),
    ],
)
def test_what_nobody_reads_takes_no_message(
    visitor: Visitor, cast: Cast, method: str, path: str, headers: dict[str, str]
) -> None:
    """What has just happened is told to a person, not to a browser that guesses or looks for an icon."""
    leave(cast, SAVED)
    unread = visitor.client.request(method, path, headers=headers)
    assert "est enregistré" not in unread.text
    assert "est enregistré" in visitor.get("/").text
    assert "est enregistré" not in visitor.get("/").text


@pytest.mark.parametrize("change", [{"area": "gone"}, {"text": "gone"}, {"text": "proof_mailed"}])
def test_a_message_of_another_version_breaks_no_page(
    visitor: Visitor, cast: Cast, change: dict[str, str]
) -> None:
    """An upgrade between a form and the page after it may have dropped or changed the text."""
    leave(cast, SAVED | change)
    assert visitor.get("/").status == 200


def test_a_message_says_hostile_values_as_text(visitor: Visitor, cast: Cast) -> None:
    """Also one named as an argument of the code that fills it in."""
    hostile = "<script>alert(1)</script>{0.__class__}"
    leave(
        cast, SAVED | {"text": "proof_mailed", "values": {"address": hostile, "text": "x", "language": "x"}}
    )
    page = visitor.get("/").html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{0.__class__}" in page
    assert "<script>alert" not in page


def test_a_session_that_slides_with_a_form_keeps_its_cookie(visitor: Visitor, cast: Cast) -> None:
    """Who comes back by pressing a button stays signed in as long as who opens a page; who leaves, not."""
    token = visitor.token
    for path in ("/settings/account", "/nowhere"):
        cast.clock.advance(minutes=61)
        sent = visitor.post(path, full_name="Camille Martin", locale="fr")
        assert f"rubis={token}" in sent.response.headers["set-cookie"]
    cast.clock.advance(minutes=61)
    assert visitor.post("/sign-out").response.headers.get_list("set-cookie") == [
        'rubis=""; HttpOnly; Max-Age=0; Path=/; SameSite=lax'
    ]


@pytest.mark.parametrize("digits", [1, 15, 16, 30, 5000])
def test_an_id_of_any_length_is_not_there(visitor: Visitor, digits: int) -> None:
    """Neither a number too large for the database nor one too large for Python is a fault of ours."""
    assert visitor.get(f"/import/{'9' * digits}").status == 404


@pytest.mark.parametrize("page", ["9" * 5000, "0", "-1", "²"])
def test_a_page_of_any_number_is_the_first(visitor: Visitor, page: str) -> None:
    """A page that cannot be is none to fail on."""
    brought = visitor.post("/import", pasted="numéro;client;montant\nF-1;Client;12,00\n")
    assert visitor.get(brought.to, page=page).status == 200


@pytest.mark.parametrize("typed", ["9" * 5000, "1 " * 3000, "sNaN", "1e999999", "nan"])
def test_numbers_of_any_length_are_read_or_refused(typed: str) -> None:
    """Python's own limits of numbers are no fault of ours."""
    form = Form({"x": [typed]}, "fr")
    assert read_cents(typed) is None
    assert form.cents("x") == typed.strip()
    assert form.integer("x") == typed.strip()
    assert form.number("x") is not None


@pytest.mark.parametrize("charset", ["utf-7", "undefined", "unicode_escape", "punycode"])
def test_a_form_in_another_charset_is_refused(app: App, charset: str) -> None:
    """Some of Python's codecs make texts that no page can show, and some fail in ways of their own."""
    part = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n+2AA-\\ud800\r\n--x--'
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    sent = app.visitor().client.post("/sign-in", content=part, headers=OURS | {"Content-Type": kind})
    assert sent.status_code == 400
    kind = "application/x-www-form-urlencoded; charset=UTF-8"
    sent = app.visitor().client.post("/sign-in", content=b"email=x", headers=OURS | {"Content-Type": kind})
    assert sent.status_code == 422


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up"])
def test_a_stranger_may_send_little(app: App, path: str) -> None:
    """Reading a million bytes of a form takes the server half a second, before any limit of attempts."""
    assert app.visitor().post(path, email="&" * 12_000).status == 413
    assert app.visitor().post(path, full_name="é" * 3_000).status == 422


def test_only_files_may_be_many_bytes(visitor: Visitor) -> None:
    """A form of 21 million separators took the server twelve seconds, as anybody's who has just signed up."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    sent = visitor.client.post("/import", content=b"&" * 1_000_001, headers=OURS | kind)
    assert sent.status_code == 422
    assert "C’est trop à la fois" in sent.text


def test_a_long_password_is_refused_before_it_is_normalized(monkeypatch: pytest.MonkeyPatch) -> None:
    """One character can become eighteen: a million bytes took the API a second."""
    lengths: list[int] = []

    def normalize(password: str) -> str:
        lengths.append(len(password))
        return password

    monkeypatch.setattr(auth, "normalize_password", normalize)
    form = Form({}, "fr")
    facts = {"email": "a@b.example", "full_name": "A", "organization_name": "B"}
    assert form.read(auth.Registration, password="\ufdfa" * 300_000, **facts) is None
    assert form.faults["password"] == "Entre 10 et 128 caractères."
    assert max(lengths, default=0) <= 1000


def test_spellings_of_one_address_share_its_attempts(database: Database, cast: Cast) -> None:
    """What finds the same account is limited as one: width and case give a guesser no further guesses."""
    name, _, host = cast.email.partition("@")
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in name)
    spellings = [f"{name[:n]}{wide[n:]}@{host}" for n in range(6)]
    with serving_app(database, limit_sign_in_pair="3/minute", trusted_proxies="127.0.0.1") as app:
        answers = [
            app.visitor().post(
                "/sign-in", OURS | {"X-Forwarded-For": "198.51.100.1"}, email=email, password="x"
            )
            for email in spellings
        ]
    assert [answer.status for answer in answers] == [422, 422, 422, 429, 429, 429]


def test_what_may_have_been_done_is_not_sent_again(browser: Browser, visitor: Visitor) -> None:
    """The line is lost after an answer in place was sent: the script asks how things stand."""
    context = browser.new_context(base_url=visitor.url, locale="fr-FR")
    context.add_cookies([{"name": "rubis", "value": visitor.token or "", "url": visitor.url}])
    page = context.new_page()
    page.goto("/settings/account")
    sent: list[str] = []

    def lose(route: Route) -> None:
        sent.append(route.request.method)
        route.abort()

    page.route("**/sign-out-elsewhere", lose)
    with page.expect_event("load"):
        page.locator("form[action='/sign-out-elsewhere'] button").click()
    assert sent == ["POST"]
    assert page.url.endswith("/settings/account")
    context.close()
