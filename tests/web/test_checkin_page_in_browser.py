"""The page of a check-in in a real browser: as a person meets it, and as a scanner that runs scripts does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from app.core.text import Language
from app.web.language import LANGUAGES, other
from app.web.words import load_texts
from tests.api.support import Api, serving
from tests.support.cast import Cast
from tests.support.database import Database
from tests.support.line import Token
from tests.support.ports import free_port
from tests.support.web_line import Http
from tests.web.legible import DESKTOP, LOW_CONTRAST, OVERFLOW, PHONE, SCHEMES, violations

NOW = "2026-03-02 09:00 UTC"


@pytest.fixture
def api(database: Database, web_url: str) -> Iterator[Api]:
    """The API over this test's own database, whose clock stands still; its links lead to the result pages."""
    port = free_port()
    with serving(database, port, app_url=f"http://127.0.0.1:{port}", web_url=web_url) as running:
        database.clock.set(NOW)
        yield running


@dataclass
class Asked:
    """An invoice that was asked about by mail just now, and its cast over HTTP."""

    cast: Cast
    invoice_id: int
    token: Token

    @property
    def page(self) -> str:
        """The path of the check-in's page."""
        return f"/checkin/{self.token.plain}"

    def a_day_later(self) -> None:
        """The links run out, and the worker records it."""
        self.cast.clock.advance(hours=24)
        self.cast.tick()

    def facts(self) -> tuple[str, str | None, int, list[tuple[str, str]]]:
        """The invoice's status, its check-in's answer, the rubis, and each relance's status and time."""
        invoice = self.cast.document(self.invoice_id)
        ahead = [
            (relance["status"], relance["scheduled_at"])
            for relance in invoice["relances"]
            if relance["status"] != "cancelled"
        ]
        return invoice["status"], invoice["checkin"]["answer"], self.cast.rubis(), ahead


@pytest.fixture
def asked(api: Api) -> Iterator[Asked]:
    """An invoice of a user whose address is proven."""
    with Cast(Http(api.url, api.database), now=None) as cast:
        cast.dba("update rubis.app_user set email_proven_at = rubis.clock()")
        invoice_id, token = cast.asked(
            issued_on="2026-02-02",
            due_on="2026-03-02",
            number="2026-117",
            client_name="Établissements Dupont & Fils",
            client_email="compta@dupont.example",
        )
        yield Asked(cast, invoice_id, token)


def opened(_: Asked) -> str:
    return ""


def preselected(_: Asked) -> str:
    return "?answer=paid"


def contradicted(asked: Asked) -> str:
    asked.cast.click(asked.token, "paid")
    asked.cast.click(asked.token, "pending")
    return "?answer=pending"


def paid(asked: Asked) -> str:
    asked.cast.press(asked.token, "paid")
    return "?done=paid"


def pending(asked: Asked) -> str:
    asked.cast.press(asked.token, "pending")
    return "?done=pending"


def undone(asked: Asked) -> str:
    asked.cast.press(asked.token, "paid")
    asked.cast.undo(asked.token)
    return "?done=undone"


def expired(asked: Asked) -> str:
    asked.a_day_later()
    return "?answer=paid"


def asked_again(asked: Asked) -> str:
    asked.a_day_later()
    asked.cast.press(asked.token, "paid")
    return "?done=held"


def unknown(asked: Asked) -> str:
    asked.token = Token.new("A" * 43)
    return ""


STATES: list[Callable[[Asked], str]] = [
    opened,
    preselected,
    contradicted,
    paid,
    pending,
    undone,
    expired,
    asked_again,
    unknown,
]


@contextmanager
def reading(browser: Browser, api: Api, language: Language) -> Iterator[Page]:
    """Show pages on such a phone; then, nothing may have gone wrong or been asked of another origin."""
    troubles: list[str] = []
    context = browser.new_context(
        base_url=api.url,
        viewport={"width": PHONE, "height": 640},
        locale=language,
        java_script_enabled=True,
    )
    try:
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
        page.on(
            "request",
            lambda r: None if r.url.startswith(f"{api.url}/") else troubles.append(f"elsewhere: {r.url}"),
        )
        page.on(
            "console",
            lambda m: None if "404" in m.text else troubles.append(f"console: {m.text}"),
        )
        yield page
        assert not context.cookies()
    finally:
        context.close()
    assert not troubles


@pytest.mark.parametrize("state", STATES)
def test_the_page_is_readable(
    browser: Browser, api: Api, asked: Asked, screenshots: Path, state: Callable[[Asked], str]
) -> None:
    """In both languages, by day and night, on a phone and a desktop: contrast, no sideways scrolling, axe."""
    query = state(asked)
    for language in LANGUAGES:
        with reading(browser, api, language) as page:
            page.goto(asked.page + query)
            expect(page.locator("html")).to_have_attribute("lang", language)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                assert page.evaluate(
                    "() => [...document.images].every(i => i.complete && i.naturalWidth > 0)"
                )
                for width in (PHONE, DESKTOP):
                    page.set_viewport_size({"width": width, "height": 640})
                    name = f"checkin-{state.__name__}-{language}-{scheme}-{width}.png"
                    page.screenshot(path=screenshots / name, full_page=True)
                    assert page.evaluate(OVERFLOW) <= 0
                    assert page.evaluate(LOW_CONTRAST) == []
                assert violations(page) == []
            page.set_viewport_size({"width": PHONE, "height": 640})
            page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                assert page.evaluate(OVERFLOW) <= 0


def test_what_is_recorded_nowhere_is_readable_too(
    browser: Browser, api: Api, asked: Asked, screenshots: Path
) -> None:
    """The page that a link leads to while the database is away is readable."""
    api.database.admin.execute("revoke usage on schema api from rubis_api")
    context = browser.new_context(base_url=api.url, viewport={"width": PHONE, "height": 640})
    page = context.new_page()
    assert page.goto(f"/api/v1{asked.page}/paid").status == 503  # type: ignore[union-attr]
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=screenshots / f"checkin-not_recorded-{scheme}-{PHONE}.png", full_page=True)
        assert page.evaluate(OVERFLOW) <= 0
        assert page.evaluate(LOW_CONTRAST) == []
        assert violations(page) == []
    context.close()


def test_axe_can_fail(browser: Browser, api: Api, asked: Asked) -> None:
    """The check by axe finds a button without a name."""
    with reading(browser, api, "en") as page:
        page.goto(asked.page)
        page.evaluate("() => { document.querySelector('button').textContent = '' }")
        assert [fault.partition(":")[0] for fault in violations(page)] == ["button-name"]


def test_the_keyboard_goes_through_the_page_in_its_order(browser: Browser, api: Api, asked: Asked) -> None:
    """Brand, language, the buttons with what they do, the app; each with a clear outline. Enter presses."""
    words = load_texts("en")
    with reading(browser, api, "en") as page:
        page.goto(asked.page)
        reached = []
        for _ in range(5):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("() => document.activeElement.textContent"))
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outline")
            assert outline.endswith("solid 3px")
        buttons = words["checkin_buttons"]
        assert reached == [
            words["common"]["brand"],
            words["common"]["other_language_name"],
            buttons["paid"],
            buttons["pending"],
            words["common"]["app_link"],
        ]
        described = page.get_by_role("button", name=buttons["paid"])
        expect(described).to_have_accessible_description(buttons["effect_both"])
        described.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text(words["checkin_done"]["paid"])
    assert asked.facts()[:3] == ("paid", "paid", 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_scripts_a_person_answers_changes_and_takes_back(
    browser: Browser, api: Api, asked: Asked, language: Language
) -> None:
    """From the link in the mail on, in the language chosen on the way."""
    asked.cast.api("update_organization", changes=asked.cast.json({"click_mode": "confirm"}))
    context = browser.new_context(base_url=api.url, locale=other(language), java_script_enabled=False)
    page = context.new_page()
    words = load_texts(language)
    buttons = words["checkin_buttons"]
    page.goto(f"{asked.page}?answer=pending")
    page.get_by_role("link", name=words["common"]["language_name"]).click()
    page.get_by_role("link", name=buttons["other_paid"]).click()
    expect(page.get_by_role("button")).to_have_count(1)
    page.get_by_role("button", name=buttons["paid"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words["checkin_states"]["answered_paid_title"])
    assert asked.facts()[:3] == ("paid", "paid", 1)
    page.get_by_role("button", name=buttons["change_pending"]).click()
    assert asked.facts()[:3] == ("open", "still_pending", 0)
    page.get_by_role("button", name=buttons["undo"]).click()
    expect(page.get_by_role("status")).to_have_text(words["checkin_done"]["undone"])
    assert asked.facts()[:3] == ("open", None, 0)
    assert "lang=" in page.url
    context.close()


def test_what_a_browser_prefetches_is_answered_by_the_click_alone(
    browser: Browser, api: Api, asked: Asked
) -> None:
    """Chromium gets its refusal, forgets it, and asks again when the person clicks."""
    link = f"{api.url}/api/v1{asked.page}/paid"
    before = asked.facts()
    context = browser.new_context()
    seen: list[tuple[str | None, int]] = []

    def note(response: Response) -> None:
        if response.url == link:
            seen.append((response.request.headers.get("sec-purpose"), response.status))

    context.on("response", note)
    context.route(
        f"{api.url}/inbox",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<title>Inbox</title><link rel="prefetch" href="{link}"><a href="{link}">Yes</a>',
        ),
    )
    page = context.new_page()
    page.goto(f"{api.url}/inbox")
    page.wait_for_timeout(1000)
    assert seen == [("prefetch", 403)]
    assert asked.facts() == before
    page.get_by_role("link").click()
    page.wait_for_url("**/checkin/paid")
    assert seen[1:] == [(None, 302)]
    assert asked.facts()[:3] == ("paid", "paid", 1)
    context.close()


def scan(context: BrowserContext, api: Api, path: str, first: str, second: str) -> None:
    """What mail scanners do with links and page: HEAD, then GET in a browser that runs scripts, twice.

    Every page reached is left open to run whatever it has, and each of its links is opened as well.
    """
    client = api.client()
    mail = [f"{api.url}{address}" for address in (f"/api/v1{path}/{first}", f"/api/v1{path}/{second}", path)]
    for address in mail:
        assert client.head(address).status_code == 204
    opened = [context.new_page() for _ in mail]
    visitor = context.new_page()
    for _ in range(2):
        for page, address in zip(opened, mail, strict=True):
            page.goto(address)
            links = page.evaluate("() => [...document.links].map(a => a.href)")
            forms = page.evaluate("() => [...document.forms].map(f => f.action)")
            for link in (*links, *forms):
                if link.startswith(api.url):
                    visitor.goto(link)
                    visitor.wait_for_timeout(50)
        visitor.wait_for_timeout(300)
    for page in (*opened, visitor):
        page.close()


@pytest.mark.parametrize(("mode", "relance"), [("direct", "held"), ("confirm", "scheduled")])
@pytest.mark.parametrize(("first", "second"), [("paid", "pending"), ("pending", "paid")])
@pytest.mark.parametrize("chosen", ["paid", "pending"])
def test_a_scanner_that_runs_scripts_answers_nothing(
    browser: Browser, api: Api, asked: Asked, *, mode: str, relance: str, first: str, second: str, chosen: str
) -> None:
    """Invoice and rubis are as before; a relance whose links said paid waits; a button counts."""
    asked.cast.api("update_organization", changes=asked.cast.json({"click_mode": mode}))
    before = asked.facts()
    context = browser.new_context()
    scan(context, api, asked.page, first, second)
    assert asked.facts() == (*before[:3], [(relance, moment) for _, moment in before[3]])
    page = context.new_page()
    page.goto(f"{api.url}{asked.page}?lang=en")
    page.get_by_role("button", name=load_texts("en")["checkin_buttons"][chosen]).click()
    expect(page.get_by_role("status")).to_be_visible()
    expected = {"paid": ("paid", "paid", 1), "pending": ("open", "still_pending", 0)}
    assert asked.facts()[:3] == expected[chosen]
    context.close()
