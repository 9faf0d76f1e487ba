"""click_mode: whether a link answers by itself."""

import pytest

from tests.support.story import Story


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_in_confirm_a_link_writes_nothing(story: Story, answer: str) -> None:
    """Open, answered, expired, settled: confirm every time, in a transaction that may not write."""
    story.settings(click_mode="confirm")
    for status in ("sent", "answered", "expired", "paid"):
        invoice_id = story.invoice()
        begun = story.bring(invoice_id, "expired" if status == "expired" else "sent")
        if status == "answered":
            story.press(begun["token"], "pending")
        if status == "paid":
            story.update(invoice_id, status="paid")
        before, clicks = story.effects(invoice_id), story.clicks(begun["token"])
        story.session.execute("savepoint looking")
        story.session.execute("set transaction read only")
        assert story.click(begun["token"], answer) == "confirm"
        story.session.execute("rollback to looking")
        assert story.effects(invoice_id) == before
        assert story.clicks(begun["token"]) == clicks


def test_in_confirm_an_unknown_token_is_invalid(story: Story) -> None:
    """There is no page to show."""
    story.settings(click_mode="confirm")
    assert story.click(b"\x00" * 32) == "invalid"


def test_the_mode_is_that_of_the_click(story: Story) -> None:
    """Links mailed before open the page once the organization has changed, and answer when it is back."""
    token = story.ask(story.invoice())
    story.api("update_organization", changes=story.json({"click_mode": "confirm"}))
    assert story.click(token) == "confirm"
    story.api("update_organization", changes=story.json({"click_mode": "direct"}))
    assert story.click(token) == "paid"


def test_what_was_answered_directly_is_not_contradicted_in_confirm(story: Story) -> None:
    """The opposite link opens the page, where a person can change the answer."""
    invoice_id = story.invoice()
    token = story.ask(invoice_id)
    story.click(token, "paid")
    story.settings(click_mode="confirm")
    assert story.click(token, "pending") == "confirm"
    assert story.row(invoice_id)["status"] == "paid"
    assert story.press(token, "pending") == "pending"
    assert story.row(invoice_id)["status"] == "open"


def test_the_defaults(story: Story) -> None:
    """Direct, 60 seconds, receipts, no advice."""
    organization = story.api("get_me")["organization"]
    names = ("click_mode", "click_mode_advice", "contradiction_seconds", "answer_receipts")
    assert [organization[name] for name in names] == ["direct", None, 60, True]


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"click_mode": "guess"}, "click_mode__known"),
        ({"contradiction_seconds": 0}, "organization__contradiction_seconds"),
        ({"contradiction_seconds": 3601}, "organization__contradiction_seconds"),
    ],
)
def test_other_settings_are_refused(story: Story, changes: dict[str, object], constraint: str) -> None:
    """Two modes; from one second to an hour."""
    with story.raises("23514", constraint):
        story.api("update_organization", changes=story.json(changes))


@pytest.mark.parametrize("seconds", [1, 3600])
def test_the_window_is_the_organizations(story: Story, seconds: int) -> None:
    """From one second to an hour, and read at the click."""
    story.api("update_organization", changes=story.json({"contradiction_seconds": seconds}))
    assert story.api("get_me")["organization"]["contradiction_seconds"] == seconds
