"""The pages that are put on paper: a client's statement, the money, a letter."""

import pytest
from playwright.sync_api import Browser

from tests.pages.place import Look, Place, pages
from tests.web.legible import LOW_CONTRAST, OVERFLOW, SCHEMES, Scheme

PAPER = 680
"""An A4 page within its margins, in CSS pixels."""
PRINTED = [path for path in pages() if path == "/money" or path.endswith(("/statement", "/letter"))]

# What is to be pressed or leads elsewhere has no place on paper.
PRESSED = """() => [...document.querySelectorAll('button, input, select, .button, nav a, .skip')]
  .filter(e => e.checkVisibility()).map(e => e.outerHTML)"""
GROUND = "() => getComputedStyle(document.body).backgroundColor"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", PRINTED)
def test_a_page_is_printed_black_on_white(browser: Browser, place: Place, path: str, scheme: Scheme) -> None:
    """By day and night: white paper, legible words, all of it within the margins, nothing to press."""
    with place.visit(browser, Look("fr", scheme, PAPER)) as page:
        page.goto(place.address(path))
        page.emulate_media(media="print")

        assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
        assert page.evaluate(LOW_CONTRAST) == []
        assert page.evaluate(PRESSED) == []
        assert page.evaluate(OVERFLOW) <= 0
        assert page.locator("h1").is_visible()
