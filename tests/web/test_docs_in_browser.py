"""The page /docs in a real browser: it shows the operations and tries them, on this server alone."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.support import PASSWORD, Account, Api, serving
from tests.support.database import Database

INLINE = """() => {
  const script = document.createElement("script");
  script.text = "window.ran = true";
  document.body.append(script);
  return window.ran;
}"""


@pytest.fixture
def api(database: Database) -> Iterator[Api]:
    """The API over this test's own database."""
    with serving(database) as running:
        yield running


@contextmanager
def showing(browser: Browser, api: Api) -> Iterator[tuple[Page, list[str]]]:
    """Show /docs; note requests to other hosts and what the console reports: violations, script errors."""
    context = browser.new_context(base_url=api.url)
    try:
        page = context.new_page()
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
        page.on("console", lambda m: troubles.append(f"console: {m.text}"))
        page.on(
            "request",
            lambda r: (
                None if r.url.startswith((f"{api.url}/", "data:")) else troubles.append(f"elsewhere: {r.url}")
            ),
        )
        page.goto("/docs")
        yield page, troubles
    finally:
        context.close()


@pytest.fixture
def docs(browser: Browser, api: Api) -> Iterator[Page]:
    """Show /docs, with no trouble at the end of the test."""
    with showing(browser, api) as (page, troubles):
        yield page
    assert troubles == []


def test_docs_shows_what_an_operation_takes(docs: Page) -> None:
    """The page lists the operations, and a click opens one with its parameters."""
    operation = docs.locator("#operations-invoices-get_invoice")
    operation.locator(".opblock-summary-control").click()
    expect(operation.locator(".parameters").first).to_contain_text("invoice_id")


def test_docs_tries_an_operation_with_a_json_body(docs: Page, api: Api) -> None:
    """Filled in and executed, the page's own request signs a user in, and its answer is shown."""
    user: Account = api.register()
    operation = docs.locator("#operations-auth-login")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("textarea").first.fill(json.dumps({"email": user.email, "password": PASSWORD}))
    operation.get_by_role("button", name="Execute").click()
    shown = operation.locator(".live-responses-table .response").first
    expect(shown.locator(".response-col_status")).to_contain_text("200")
    expect(shown).to_contain_text(user.email)


def test_an_inline_script_does_not_run_on_docs(browser: Browser, api: Api) -> None:
    """A script that is written into the page is stopped by the policy, and the console says so."""
    with showing(browser, api) as (page, troubles):
        page.locator("#operations-auth-login").wait_for()
        assert page.evaluate(INLINE) is None
        page.locator("body").click()
    [trouble] = troubles
    assert "Content Security Policy directive 'script-src 'self''" in trouble
