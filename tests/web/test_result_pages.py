"""The result pages over HTTP."""

import re

import httpx
import pytest

from app.core.text import Language
from app.web.language import LANGUAGES
from app.web.results import OUTCOMES, PAGES, PROOFS
from app.web.words import load_texts

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
EVERYWHERE = [
    "/healthz",
    "/static/rubis.css",
    "/checkin/unheard_of",
    *(f"/checkin/{outcome}" for outcome in OUTCOMES),
    *(f"/verify-email/{proof}" for proof in PROOFS),
]
RESULTS = [
    *((f"/checkin/{outcome}", outcome) for outcome in OUTCOMES),
    *((f"/verify-email/{proof}", f"verify_{proof}") for proof in PROOFS),
]


def address(name: str) -> str:
    """Tell where a page is served."""
    return {name: path for path, name in RESULTS}.get(name, "/checkin/unheard_of")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("path", "name"), RESULTS)
def test_each_outcome_has_its_page_in_the_readers_language(
    web: httpx.Client, path: str, name: str, language: Language
) -> None:
    """A page tells its outcome in the language asked for, says so in `lang`, and tells caches."""
    answer = web.get(path, headers={"Accept-Language": language})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == language
    assert "accept-language" in answer.headers["vary"].lower()
    assert f'<html lang="{language}">' in answer.text
    assert f"<h1>{load_texts(language)[name]['title']}</h1>" in answer.text


def test_a_paid_page_says_that_a_rubis_was_earned_and_relances_are_cancelled(web: httpx.Client) -> None:
    """The person reads both effects of the click."""
    french, english = (web.get("/checkin/paid", params={"lang": language}).text for language in ("fr", "en"))

    assert "et un rubis" in french
    assert "relances à venir sont annulées" in french
    assert "ruby earned" in english
    assert "reminders to come are cancelled" in english


def test_a_pending_page_says_that_planned_relances_follow(web: httpx.Client) -> None:
    """The person knows what follows from "still pending"; there may be no relance."""
    french, english = (web.get("/checkin/pending", params={"lang": lang}).text for lang in ("fr", "en"))
    assert "Les relances prévues, s\u2019il y en a, suivront." in french
    assert "The planned reminders, if there are any, will follow." in english


def test_a_proven_address_says_that_relances_may_leave(web: httpx.Client) -> None:
    """The person knows what the click was for."""
    french, english = (web.get("/verify-email/proven", params={"lang": lang}).text for lang in ("fr", "en"))

    assert "relances peuvent désormais partir en votre nom" in french
    assert "Reminders can now be sent in your name" in english


def test_french_is_the_default_and_the_query_overrides_the_header(web: httpx.Client) -> None:
    """No header: French. `?lang=` is what the person chose."""
    assert '<html lang="fr">' in web.get("/checkin/paid").text
    assert '<html lang="en">' in web.get("/checkin/paid?lang=en", headers={"Accept-Language": "fr"}).text


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_the_safe_headers(web: httpx.Client, path: str) -> None:
    """Errors and static files too: strict policy, no referrer, no index, no cookie, nothing kept unasked."""
    headers = web.get(path).headers

    assert headers["content-security-policy"] == CSP
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-robots-tag"] == "noindex"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")
    assert "set-cookie" not in headers


@pytest.mark.parametrize("path", EVERYWHERE)
def test_head_answers_as_get_without_a_body(web: httpx.Client, path: str) -> None:
    """A link checker or a mail scanner gets the same status and headers."""
    head, get = web.head(path), web.get(path)

    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize(
    "path",
    [
        "/checkin/unheard_of",
        "/checkin",
        "/checkin/",
        "/checkin/paid/",
        "/checkin/Paid",
        "/checkin/proven",
        "/checkin/verify_proven",
        "/verify-email",
        "/verify-email/paid",
        "/verify-email/verify_proven",
        "/%00",
        "/<b>x</b>",
    ],
)
def test_an_unknown_page_is_a_404(web: httpx.Client, path: str) -> None:
    """No redirect to a guess, and nothing of the address is written into the page."""
    answer = web.get(path, headers={"Accept-Language": "en"})

    assert answer.status_code == 404
    assert "<h1>This page does not exist</h1>" in answer.text
    assert "<b>" not in answer.text


def test_only_reading_is_possible(web: httpx.Client) -> None:
    """The pages take no input."""
    assert web.post("/checkin/paid").status_code == 405


def test_health_needs_nothing_but_the_server(web: httpx.Client) -> None:
    """`/healthz` is for supervisors and load balancers."""
    assert web.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_holds_no_script_and_loads_only_our_own_files(
    web: httpx.Client, name: str, language: Language
) -> None:
    """Whatever the policy header forbids is not there in the first place."""
    page = web.get(address(name), params={"lang": language}).text

    assert not re.search(r"<script|<style|<form|<iframe|\sstyle=|\son\w+=|javascript:", page)
    loaded = re.findall(r'src="([^"]+)"|<link[^>]*href="([^"]+)"', page)
    assert loaded
    assert all("".join(address).startswith("/static/") for address in loaded)


def test_both_languages_say_the_same_things() -> None:
    """Every text exists in both languages."""
    french, english = load_texts("fr"), load_texts("en")

    for page in french:
        assert set(french[page]) == set(english[page]), page
    assert set(french) == set(english) >= {"common", *PAGES}


def test_french_has_its_typographic_spaces_and_apostrophes() -> None:
    """No line can begin with a lone `?` or `:`; no typewriter apostrophe is left."""
    for texts in load_texts("fr").values():
        for text in texts.values():
            assert not re.search(r"\s[;!?]", text.replace("\u202f", "")), text
            assert not re.search(r"[^\u202f][;!?]|[^\u00a0]:|[ ][»]|«[ ]|\d h\b", text), text
            assert "'" not in text


def test_no_invoice_can_be_named(web: httpx.Client) -> None:
    """A page is the same for everyone: what is added to its address changes nothing but the language."""
    plain = web.get("/checkin/paid?lang=fr")

    assert web.get("/checkin/paid?lang=fr&number=F-2026-001&client=Dupont").content == plain.content


def test_a_french_question_does_not_break_at_its_hyphens() -> None:
    """A line does not end within "a-t-elle"."""
    assert load_texts("fr")["checkin_states"]["open_title"] == (
        "Cette facture a\u2011t\u2011elle été payée\u202f?"
    )
