"""The result pages in a real browser: as a person on a phone, in the dark, or with a keyboard meets them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.core.text import Language
from app.web.language import LANGUAGES, other
from app.web.results import PAGES
from app.web.words import load_texts
from tests.web.legible import DESKTOP, LOW_CONTRAST, OVERFLOW, PHONE, SCHEMES, Scheme, violations


def address(name: str) -> str:
    """Tell where a page is served."""
    if name.startswith("verify_"):
        return f"/verify-email/{name.removeprefix('verify_')}"
    return f"/checkin/{name}"  # of the page for an unknown outcome, too


@contextmanager
def reading(browser: Browser, base_url: str, scheme: Scheme, language: Language) -> Iterator[Page]:
    """Show pages on such a phone; then, nothing may have gone wrong or been asked of another origin."""
    troubles: list[str] = []
    context = browser.new_context(
        base_url=base_url,
        viewport={"width": PHONE, "height": 640},
        color_scheme=scheme,
        locale=language,
    )
    try:
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
        # Leaving a page cuts short what it was still loading; that is no failure.
        page.on(
            "requestfailed",
            lambda r: None if r.failure == "net::ERR_ABORTED" else troubles.append(f"failed: {r.url}"),
        )
        page.on(
            "request",
            lambda r: None if r.url.startswith(f"{base_url}/") else troubles.append(f"elsewhere: {r.url}"),
        )
        # A 404 page is itself logged as a failed resource; any other message is trouble.
        page.on(
            "console",
            lambda m: (
                None if "/checkin/not_found" in m.location["url"] else troubles.append(f"console: {m.text}")
            ),
        )
        yield page
        assert not context.cookies()
    finally:
        context.close()
    assert not troubles


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_readable(
    browser: Browser, web_url: str, screenshots: Path, name: str, language: Language
) -> None:
    """On a phone and a desktop, by day and by night: right words, no sideways scrolling, AA contrast, axe."""
    with reading(browser, web_url, "light", language) as page:
        page.goto(address(name))

        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.get_by_role("heading", level=1)).to_have_text(load_texts(language)[name]["title"])
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate("() => [...document.images].every(i => i.complete && i.naturalWidth > 0)")
            for width in (PHONE, DESKTOP):
                page.set_viewport_size({"width": width, "height": 640})
                page.screenshot(path=screenshots / f"{name}-{language}-{scheme}-{width}.png", full_page=True)
                assert page.evaluate(OVERFLOW) <= 0
                assert page.evaluate(LOW_CONTRAST) == []
            assert violations(page) == []


def test_the_contrast_check_can_fail(browser: Browser, web_url: str) -> None:
    """The check of contrast finds grey on almost white."""
    with reading(browser, web_url, "light", "fr") as page:
        page.goto(address("paid"))
        page.evaluate("() => { document.querySelector('.happened').style.color = '#999' }")

        assert len(page.evaluate(LOW_CONTRAST)) == 1


def test_dark_mode_is_dark(browser: Browser, web_url: str) -> None:
    """The ground follows the reader's colour scheme."""
    grounds = []
    for scheme in SCHEMES:
        with reading(browser, web_url, scheme, "fr") as page:
            page.goto(address("paid"))
            colour = page.evaluate(
                "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
            )
            grounds.append(sum(colour) / 3)

    assert grounds[0] > 230
    assert grounds[1] < 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_twice_as_large_still_fits_a_phone(browser: Browser, web_url: str, language: Language) -> None:
    """A reader who enlarges the text on a small screen does not have to scroll sideways."""
    with reading(browser, web_url, "light", language) as page:
        for name in PAGES:
            page.goto(address(name))
            page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
            assert page.evaluate(OVERFLOW) <= 0, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_link_shows_the_same_page_in_the_other_language(
    browser: Browser, web_url: str, language: Language
) -> None:
    """One click changes the language and stays on the page; the way to the front page keeps that choice."""
    with reading(browser, web_url, "light", language) as page:
        for name in PAGES:
            page.goto(address(name))
            expect(page.locator("html")).to_have_attribute("lang", language)
            page.get_by_role("link", name=load_texts(other(language))["common"]["language_name"]).click()

            expect(page.locator("html")).to_have_attribute("lang", other(language))
            title = load_texts(other(language))[name]["title"]
            expect(page.get_by_role("heading", level=1)).to_have_text(title)
            page.locator(".brand").click()
            expect(page.locator("html")).to_have_attribute("lang", other(language))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_link_shows_when_the_keyboard_reaches_it(
    browser: Browser, web_url: str, scheme: Scheme
) -> None:
    """Tab goes through the links in their order, each with a clear outline."""
    with reading(browser, web_url, scheme, "fr") as page:
        page.goto(address("expired"))
        reached = []
        for _ in range(page.get_by_role("link").count()):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("() => document.activeElement.textContent"))
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outline")
            assert outline.endswith("solid 3px")

    assert reached == page_links("fr")


def page_links(language: Language) -> list[str]:
    """List the links of a result page, in order."""
    common = load_texts(language)["common"]
    return [common["brand"], common["other_language_name"], common["app_link"]]
