"""The HTML of each mail as Chromium shows it: on a phone and wide, by day and by night."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.mail.mail_begun import CAMILLE, ZOE, make_mail
from tests.mail.mail_reading import links
from tests.web.legible import LOW_CONTRAST, OVERFLOW, PHONE, SCHEMES, violations

WIDE = 700
LONG = "Établissements " + "Crèmerie-Fromagerie" * 9
SHOWN: dict[str, tuple[str, int, dict[str, Any]]] = {
    "questions": ("questions", 1, {}),
    "questions-3": ("questions", 3, {}),
    "receipts": ("receipts", 1, {}),
    "receipts-2": ("receipts", 2, {}),
    "said_paid": ("said_paid", 1, {}),
    "verify_email": ("verify_email", 1, {}),
    "late_notice": ("late_notice", 1, {}),
    "email_changing": ("email_changing", 1, {}),
    "change_email": ("change_email", 1, {}),
    "click_mode_advice": ("click_mode_advice", 1, {}),
    "reset_password": ("reset_password", 1, {}),
    "password_changed": ("password_changed", 1, {}),
    "letter": ("letter", 1, {"tone": "firm"}),
    "letter-3": ("letter", 3, {"reply_to": [CAMILLE, ZOE]}),
    "formal_notice": ("letter", 1, {"tone": "formal_notice"}),
    "long": ("questions", 2, {"item": {"client_name": LONG, "number": "F" * 64}}),
    "right-to-left": ("letter", 2, {"item": {"client_name": "مخبز الأمل 2026"}}),
}


@pytest.fixture
def page(browser: Browser) -> Page:
    return browser.new_page()


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("name", SHOWN)
def test_a_mail_is_readable(page: Page, screenshots: Path, name: str, locale: str) -> None:
    """No sideways scrolling, AA contrast, axe; nothing is fetched; the links are the plain text's."""
    kind, count, changes = SHOWN[name]
    mail = make_mail(kind, count, locale=locale, mail_format="both", **changes)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert mail.html is not None
    page.set_content(mail.html)

    assert page.evaluate("() => [...document.links].map(a => a.getAttribute('href'))") == links(mail.text)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in (PHONE, WIDE):
            page.set_viewport_size({"width": width, "height": 640})
            page.screenshot(path=screenshots / f"mail-{name}-{locale}-{scheme}-{width}.png", full_page=True)
            assert page.evaluate(OVERFLOW) <= 0
            assert page.evaluate(LOW_CONTRAST) == []
        assert violations(page) == []
    assert asked == []


def test_buttons_are_large_enough_for_a_thumb_without_the_style_sheet(page: Page) -> None:
    """A program that drops the style sheet still shows two buttons, 44 pixels high, in AA contrast."""
    mail = make_mail("questions", mail_format="both")
    assert mail.html is not None
    page.set_content(mail.html)
    page.evaluate("() => document.querySelector('style').remove()")
    page.set_viewport_size({"width": PHONE, "height": 640})
    for button in page.locator("p.button a").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    assert page.locator("p.button a").count() == 2
    assert page.evaluate(OVERFLOW) <= 0
    assert page.evaluate(LOW_CONTRAST) == []
