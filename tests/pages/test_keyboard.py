"""The pages by keyboard alone: each control is reached, in order, and shows that it is."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.place import ALL, Look, Place, pages

MOST = 300

# The controls of the page, numbered. Of circles that share a name one is reached by Tab.
NUMBER = """() => {
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter(e => e.type !== 'hidden' && !e.disabled && e.checkVisibility({ visibilityProperty: true }));
  all.forEach((e, at) => e.dataset.at = at);
  const groups = new Map();
  return all.flatMap(e => {
    if (e.type !== 'radio') return [e];
    if (groups.has(e.name)) return [];
    groups.set(e.name, e);
    return [all.find(o => o.name === e.name && o.checked) ?? e];
  }).map(e => e.dataset.at);
}"""

# What has the focus: its number, and what is wrong with how it shows.
FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || !e.dataset.at) return null;
  const style = getComputedStyle(e), box = e.getBoundingClientRect(), faults = [];
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) faults.push('no outline');
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const above = document.elementFromPoint(x, y);
  const clear = above && (e.contains(above) || above.contains(e) || above.closest('label'));
  if (box.height < innerHeight / 2 && !clear) faults.push('covered');
  return { at: e.dataset.at, said: (e.outerHTML).slice(0, 120), faults };
}"""


def tour(page: Page) -> tuple[list[str], list[Any]]:
    """Press Tab until the page is over: the controls not reached, and those that do not show their focus."""
    expected = page.evaluate(NUMBER)
    reached: list[str] = []
    wrong = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUSED)
        if focus is None:
            break
        if focus["faults"]:
            wrong.append(focus)
        reached.append(focus["at"])
    return [at for at in expected if at not in reached], wrong


@pytest.mark.parametrize("width", [320, 1280] if ALL else [320])
@pytest.mark.parametrize("path", pages())
def test_every_control_is_reached_and_shows_it(browser: Browser, place: Place, path: str, width: int) -> None:
    """Tab goes through links, fields and buttons, each with an outline, none under the bar of a phone."""
    with place.visit(browser, Look("fr", "light", width)) as page:
        page.goto(place.address(path))
        missed, wrong = tour(page)

        assert wrong == []
        assert [page.locator(f"[data-at='{at}']").evaluate("e => e.outerHTML") for at in missed] == []


def test_the_first_stop_leads_to_the_content(browser: Browser, place: Place) -> None:
    """Enter on the first link skips the navigation."""
    with place.visit(browser, Look("fr", "light", 1280)) as page:
        page.goto("/settings/account")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")

        assert page.evaluate("() => document.activeElement.closest('main') !== null")
