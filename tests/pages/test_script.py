"""What the one script adds: answers in place, previews while one types, keys. All works without it too."""

from playwright.sync_api import Browser, Page, expect

from tests.pages.place import Look, Place

DESK = Look("en", "light", 1280)
FOCUS = "() => document.activeElement.textContent.trim()"


def marked(page: Page) -> None:
    """Leave a mark in the window: it is gone once another page is loaded."""
    page.evaluate("() => { window.mark = 'here' }")


def is_same_window(page: Page) -> bool:
    """Whether no page was loaded since."""
    return bool(page.evaluate("() => window.mark === 'here'"))


def test_an_answer_is_given_in_place(browser: Browser, place: Place) -> None:
    """The question goes, the bar counts one less; it is announced, and the focus is on the next question."""
    with place.visit(browser, DESK) as page:
        page.goto("/")
        questions = page.locator("main .question")
        waiting = questions.count()
        next_one = questions.nth(1).locator("a").first.inner_text()
        number = place.cast.session.value(
            "select number from rubis.invoice where invoice_id = %s", [_first(page)]
        )
        marked(page)
        questions.first.get_by_role("button", name="Not yet").click()

        expect(questions).to_have_count(waiting - 1)
        expect(page.locator("#live")).to_contain_text(str(number))
        expect(page.locator(".bar .count")).to_have_text(str(waiting - 1))
        assert page.evaluate(FOCUS) == next_one
        assert is_same_window(page)
        page.reload()
        expect(questions).to_have_count(waiting - 1)
        expect(page.locator(".flash")).to_have_count(0)


def _first(page: Page) -> int:
    href = page.locator("main .question a").first.get_attribute("href") or ""
    return int(href.rpartition("/")[2])


def test_a_refused_form_in_place_has_the_focus_on_its_fault(browser: Browser, place: Place) -> None:
    """A draft that misses something says so beside the field, where one goes on typing."""
    with place.visit(browser, DESK) as page:
        page.goto(place.address("/import/{import_batch_id}"))
        marked(page)
        draft = page.locator("main li").filter(has=page.locator("[name=amount]")).first
        draft.locator("[name=amount]").fill("ten")
        draft.get_by_role("button", name="Correct").click()

        expect(draft.locator("[name=amount]")).to_be_focused()
        expect(draft.locator("[name=amount]")).to_have_value("ten")
        expect(page.locator("#live")).to_have_text(draft.locator(".fault").last.inner_text())
        assert is_same_window(page)


def test_a_plan_shows_its_dates_while_one_types(browser: Browser, place: Place) -> None:
    """The preview follows the days of a step, without a button."""
    with place.visit(browser, DESK) as page:
        page.goto(place.address("/plans/{relance_plan_id}"))
        preview = page.locator(
            page.locator("form[data-preview]").get_attribute("data-preview-target") or "none"
        )
        before = preview.inner_text()
        marked(page)
        page.locator(
            "form[data-preview] input[inputmode=numeric], form[data-preview] input[type=number]"
        ).first.fill("5")

        expect(preview).not_to_have_text(before, use_inner_text=True)
        assert is_same_window(page)


def test_keys_move_search_add_and_can_be_switched_off(browser: Browser, place: Place) -> None:
    """The rows by j and k, the search by /, a new invoice by n; none of it while one types."""
    with place.visit(browser, DESK) as page:
        page.goto("/invoices")
        rows = page.locator("main [data-row] a")
        for key, row in (("j", 0), ("j", 1), ("k", 0)):
            page.keyboard.press(key)
            assert page.evaluate(FOCUS) == rows.nth(row).inner_text()
        page.keyboard.press("/")
        page.keyboard.type("njk")
        expect(page.locator("main [name=q]")).to_have_value("njk")
        page.keyboard.press("Tab")
        page.keyboard.press("n")
        expect(page).to_have_url(f"{place.app.url}/invoices/new")

        page.goto("/settings/account")
        switch = page.get_by_role("button", name="Use the shortcuts", pressed=True)
        switch.click()
        expect(page.get_by_role("button", name="Use the shortcuts", pressed=False)).to_be_visible()
        page.goto("/invoices")
        page.keyboard.press("n")
        page.keyboard.press("j")
        assert page.evaluate("() => document.activeElement === document.body")


def test_a_line_that_breaks_leaves_the_page_as_it_is_in_the_database(browser: Browser, place: Place) -> None:
    """If the answer in place fails on its way, the page is loaded again and tells the truth."""
    with place.visit(browser, DESK) as page:
        page.goto("/")
        questions = page.locator("main .question").count()
        page.route("**/answer", lambda route: route.abort())
        page.locator("main .question").first.get_by_role("button", name="Paid").click()

        expect(page.locator("main .question")).to_have_count(questions)
