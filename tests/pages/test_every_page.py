"""Every page of the app in a real browser: in both languages, by day and night, from a phone to a desk.

`make test` opens each page once, in one of the languages, and looks at it in both schemes and all widths;
axe looks once. `make pages` looks with each of the twelve pairs of eyes at all there is to see.
"""

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.place import ALL, LOOKS, TALL, WIDTHS, Look, Place, pages
from tests.web.legible import LOW_CONTRAST, OVERFLOW, SCHEMES, violations

SIGNED_OUT = ["/", "/sign-in", "/sign-up", "/forgot-password", "/forgot-password?asked=1", "/nowhere"]
STATES = [
    "/invoices?view=overdue",
    "/invoices?view=paid",
    "/invoices?q=nothing-of-that-name",
    "/clients?q=nothing-of-that-name",
    "/nowhere",
]
"""What a page looks like at other times than by its plain address."""


def cases() -> list[tuple[str, bool, Look]]:
    """Each page with whose eyes it is looked at."""
    known = pages()
    inside = [*known, *(state for state in STATES if state.split("?")[0] in [*known, "/nowhere"])]
    paths = [(path, True) for path in inside] + [(path, False) for path in SIGNED_OUT]
    # 5 has no factor in common with 12: all looks come up in turn.
    return [
        (path, signed_in, look)
        for at, (path, signed_in) in enumerate(paths)
        for look in (LOOKS if ALL else [LOOKS[at * 5 % len(LOOKS)]])
    ]


def seen(page: Page) -> list[str]:
    """What is wrong with the page at a glance."""
    sideways = ["scrolls sideways"] if page.evaluate(OVERFLOW) > 0 else []
    return sideways + [f"contrast {text}" for text in page.evaluate(LOW_CONTRAST)]


def faults(page: Page, look: Look) -> list[str]:
    """What makes the page that is open hard to read."""
    found = seen(page)
    if (lang := page.get_attribute("html", "lang")) != look.language:
        found.append(f"speaks {lang}")
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} headings")
    if page.locator("[style]").count():
        found.append("a style attribute")
    if not ALL:
        for scheme, width in [(scheme, width) for scheme in SCHEMES for width in WIDTHS]:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{scheme} {width}: {fault}" for fault in seen(page)]
    page.emulate_media(color_scheme=look.scheme)
    page.set_viewport_size({"width": look.width, "height": TALL})
    found += violations(page)
    page.set_viewport_size({"width": look.width if ALL else min(WIDTHS), "height": TALL})
    page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    if page.evaluate(OVERFLOW) > 0:
        found.append("scrolls sideways with text of twice the size")
    return found


@pytest.mark.parametrize(
    ("path", "inside", "look"),
    cases(),
    ids=lambda one: "-".join(map(str, one)) if isinstance(one, Look) else None,
)
def test_a_page_is_legible(browser: Browser, place: Place, path: str, inside: bool, look: Look) -> None:
    """Whoever reads it: no sideways scrolling, also with large text; AA contrast; nothing that axe finds."""
    with place.visit(browser, look, signed_in=inside) as page:
        answer = page.goto(place.address(path))

        assert answer is not None
        assert answer.status == (404 if path == "/nowhere" else 200)
        assert faults(page, look) == []


def test_the_looks_at_a_page_can_fail(browser: Browser, place: Place) -> None:
    """A wide element, grey words and an unnamed button are found."""
    look = Look("fr", "light", 320)
    with place.visit(browser, look) as page:
        page.goto("/settings/account")
        page.evaluate(
            "() => { document.querySelector('main').insertAdjacentHTML('beforeend',"
            " '<p class=probe>pale</p><button></button>');"
            " const p = document.querySelector('.probe'); p.style.width = '50rem'; p.style.color = '#ccc' }"
        )
        found = "\n".join(faults(page, look))

    for fault in ("scrolls sideways", "pale", "a style attribute", "button-name"):
        assert fault in found
