"""click_mode: whether a link answers by itself."""

import pytest

from tests.support.cast import Cast


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_in_confirm_a_link_writes_nothing(cast: Cast, answer: str) -> None:
    """Open, answered, expired, settled: confirm every time, in a transaction that may not write."""
    cast.settings(click_mode="confirm")
    for status in ("sent", "answered", "expired", "paid"):
        invoice_id = cast.invoice()
        begun = cast.bring(invoice_id, "expired" if status == "expired" else "sent")
        if status == "answered":
            cast.press(begun["token"], "pending")
        if status == "paid":
            cast.update(invoice_id, status="paid")
        before, clicks = cast.effects(invoice_id), cast.clicks(begun["token"])
        cast.session.execute("savepoint looking")
        cast.session.execute("set transaction read only")
        assert cast.click(begun["token"], answer) == "confirm"
        cast.session.execute("rollback to looking")
        assert cast.effects(invoice_id) == before
        assert cast.clicks(begun["token"]) == clicks


def test_in_confirm_an_unknown_token_is_invalid(cast: Cast) -> None:
    """In mode confirm an unknown token is invalid, as it has no page."""
    cast.settings(click_mode="confirm")
    assert cast.click(b"\x00" * 32) == "invalid"


def test_the_mode_is_that_of_the_click(cast: Cast) -> None:
    """Links mailed before open the page once the organization has changed, and answer when it is back."""
    token = cast.ask(cast.invoice())
    cast.api("update_organization", changes=cast.json({"click_mode": "confirm"}))
    assert cast.click(token) == "confirm"
    cast.api("update_organization", changes=cast.json({"click_mode": "direct"}))
    assert cast.click(token) == "paid"


def test_a_direct_answer_is_not_contradicted_in_mode_confirm(cast: Cast) -> None:
    """The opposite link opens the page, where a person can change the answer."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "paid")
    cast.settings(click_mode="confirm")
    assert cast.click(token, "pending") == "confirm"
    assert cast.row(invoice_id)["status"] == "paid"
    assert cast.press(token, "pending") == "pending"
    assert cast.row(invoice_id)["status"] == "open"


def test_a_new_organization_has_mode_direct_and_receipts(cast: Cast) -> None:
    """A new organization has mode direct, 60 seconds, receipts, and no advice."""
    organization = cast.api("get_me")["organization"]
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
def test_other_click_settings_are_refused(cast: Cast, changes: dict[str, object], constraint: str) -> None:
    """A third mode, and less than a second or more than an hour, are refused."""
    with cast.raises("23514", constraint):
        cast.api("update_organization", changes=cast.json(changes))


@pytest.mark.parametrize("seconds", [1, 3600])
def test_the_window_is_the_organizations(cast: Cast, seconds: int) -> None:
    """From one second to an hour, and read at the click."""
    cast.api("update_organization", changes=cast.json({"contradiction_seconds": seconds}))
    assert cast.api("get_me")["organization"]["contradiction_seconds"] == seconds
