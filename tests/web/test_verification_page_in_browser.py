"""The page that the link of a verification mail opens, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.web.language import LANGUAGES
from app.web.words import load_texts
from tests.api.support import Api, serving
from tests.support.cast import Cast
from tests.support.database import Database
from tests.support.letters import begin_notice
from tests.support.ports import free_port
from tests.support.web_line import Http
from tests.web.legible import DESKTOP, LOW_CONTRAST, OVERFLOW, PHONE, SCHEMES, violations


@pytest.fixture
def api(database: Database, web_url: str) -> Iterator[Api]:
    """The API over this test's own database; its links lead to the result pages."""
    port = free_port()
    with serving(database, port, app_url=f"http://127.0.0.1:{port}", web_url=web_url) as running:
        yield running


@pytest.fixture
def cast(api: Api) -> Iterator[Cast]:
    """A user who has asked for a verification mail."""
    with Cast(Http(api.url, api.database), now=None, name="Établissements Dupont & Fils") as cast:
        cast.api("request_email_proof")
        yield cast


def link(cast: Cast) -> str:
    """The path of the mail's link, once the mail has been accepted."""
    begun = begin_notice(cast)
    cast.finish(begun)
    return f"/api/v1/verify-email/{begun['token'].plain}"


def proven(cast: Cast) -> bool:
    """Whether the address counts as the user's."""
    (user,) = cast.dba("select email_proven_at from rubis.app_user where user_id = %s", cast.user_id)
    return user["email_proven_at"] is not None


def test_the_page_of_a_proof_is_readable(browser: Browser, api: Api, cast: Cast, screenshots: Path) -> None:
    """In both languages, by day and night, on a phone and a desktop: contrast, no sideways scrolling, axe."""
    path = link(cast)
    for language in LANGUAGES:
        context = browser.new_context(base_url=api.url, locale=language)
        page = context.new_page()
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", language)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            for width in (PHONE, DESKTOP):
                page.set_viewport_size({"width": width, "height": 640})
                name = f"verify-{language}-{scheme}-{width}.png"
                page.screenshot(path=screenshots / name, full_page=True)
                assert page.evaluate(OVERFLOW) <= 0
                assert page.evaluate(LOW_CONTRAST) == []
            assert violations(page) == []
        assert not context.cookies()
        context.close()
    assert not proven(cast)


def test_the_button_of_a_proof_works_by_keyboard_without_a_script(
    browser: Browser, api: Api, cast: Cast
) -> None:
    """A person presses it with Enter; the address is proven, and the page that follows says so."""
    context = browser.new_context(base_url=api.url, locale="en", java_script_enabled=False)
    page = context.new_page()
    page.goto(link(cast))
    assert not proven(cast)
    page.locator("button").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(load_texts("en")["verify_proven"]["title"])
    assert proven(cast)
    context.close()
