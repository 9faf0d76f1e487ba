"""Plans and letters are tried as they are typed, in a real browser."""

from playwright.sync_api import Browser, expect

from tests.support.app import App, session_of
from tests.support.cast import Cast


def test_what_is_typed_is_tried_at_once(cast: Cast, app: App, browser: Browser) -> None:
    """The dates and the letter follow, the focus stays; Enter saves and removes no step."""
    cast.invoice(number="F-7", due_on="2026-03-20")
    plan_id = cast.api("list_relance_plans")["items"][0]["relance_plan_id"]
    with browser.new_context(locale="fr") as context:
        context.add_cookies([{"name": "rubis", "value": session_of(cast), "url": app.url}])
        page = context.new_page()
        page.goto(f"{app.url}/plans/{plan_id}")
        tried = page.locator("#preview")
        expect(tried).to_contain_text("23 mars")
        days = page.locator("#days-1")
        days.fill("5")
        expect(tried).to_contain_text("25 mars")
        expect(days).to_be_focused()
        days.fill("99")
        expect(tried).to_contain_text("Chaque étape doit venir après la précédente")
        days.fill("6")
        days.press("Enter")
        page.wait_for_url(f"{app.url}/plans")
        steps = cast.api("get_relance_plan", relance_plan_id=plan_id)["steps"]
        assert [step["days_after_due"] for step in steps] == [6, 10, 30]

        page.goto(f"{app.url}/plans/letters/firm")
        page.locator("#f-request").fill("Réglez {amount}.")
        expect(tried).to_contain_text("Réglez 1")
        page.locator("#f-request").fill("Réglez {montant}.")
        expect(tried).to_contain_text("{montant}")
        assert cast.api("list_letter_wordings")["items"] == []
