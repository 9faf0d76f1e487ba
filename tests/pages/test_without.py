"""The pages without what not everybody has: scripts, colours."""

import gzip

import pytest
from playwright.sync_api import Browser

from tests.pages.place import Look, Place, pages
from tests.web.legible import OVERFLOW

# Controls whose edges are not painted, and current entries told by nothing but a colour.
UNSEEN = """() => {
  const seen = [...document.querySelectorAll('main .button, main input, main select, main textarea')]
    .filter(e => e.checkVisibility() && !['hidden', 'checkbox', 'radio'].includes(e.type));
  const bare = seen.filter(e => getComputedStyle(e).borderTopStyle === 'none');
  const current = [...document.querySelectorAll('nav a[aria-current]')].filter(e => e.checkVisibility());
  const plain = current.filter(e => !getComputedStyle(e).textDecorationLine.includes('underline'));
  return [...bare, ...plain].map(e => e.outerHTML);
}"""


@pytest.mark.parametrize("path", pages())
def test_a_page_keeps_its_shapes_in_forced_colours(browser: Browser, place: Place, path: str) -> None:
    """Where a reader's own colours replace ours, buttons and fields have edges, the current entry a line."""
    with place.visit(browser, Look("en", "dark", 1280), forced_colors="active") as page:
        page.goto(place.address(path))

        assert page.evaluate(UNSEEN) == []
        assert page.evaluate(OVERFLOW) <= 0


def test_a_page_moves_less_for_who_asks_so(browser: Browser, place: Place) -> None:
    """With reduced motion nothing is animated."""
    with place.visit(browser, Look("fr", "light", 1280), reduced_motion="reduce") as page:
        page.goto("/")

        assert page.evaluate("() => document.getAnimations().length") == 0


def test_style_and_script_are_small(browser: Browser, place: Place) -> None:
    """Together under 15 kB, compressed as a proxy does it."""
    with place.visit(browser, Look("fr", "light", 1280)) as page:
        sizes = [
            len(gzip.compress(page.request.get(f"/static/{name}").body())) for name in ("app.css", "app.js")
        ]

    assert sum(sizes) < 15_000
