"""The receipts of one user that are due together go in one mail, and each takes its own answer back."""

from datetime import date

import pytest

from tests.support.cast import Cast
from tests.support.letters import begin_notice
from tests.support.line import Token


def asked(cast: Cast, count: int) -> list[tuple[int, Token]]:
    """So many invoices asked about by one mail, with the token of each."""
    invoices = [cast.invoice(issued_on=date(2026, 1, 1), due_on=date(2026, 2, 1)) for _ in range(count)]
    cast.ask(invoices[0])
    return [(invoice_id, cast.tokens[invoice_id]) for invoice_id in invoices]


def test_receipts_due_within_ten_minutes_go_together(cast: Cast) -> None:
    """By button, at once; by link, in a minute; that of an hour's window waits. Oldest answer first."""
    (page, by_page), (link, by_link), (late, by_late) = asked(cast, 3)
    cast.settings(contradiction_seconds=3600)
    cast.click(by_late, "paid")
    cast.settings(contradiction_seconds=600)
    cast.clock.advance(seconds=1)
    cast.click(by_link, "paid")
    cast.clock.advance(seconds=1)
    cast.press(by_page, "paid")
    assert cast.notices("receipts") == []
    cast.tick()
    begun = begin_notice(cast, "receipts")
    assert [item["invoice_id"] for item in begun["items"]] == [link, page]
    assert len(set(begun["tokens"].values())) == 2
    cast.finish(begun)
    assert [cast.task(invoice_id)["receipt_at"] for invoice_id in (page, link)] == [None, None]
    assert cast.task(late)["receipt_at"] is not None
    assert cast.receipts(late) == []


def test_each_receipt_undoes_its_own_answer(cast: Cast) -> None:
    """One is taken back: the other payment stays, and its receipt works still."""
    (one, first), (other, second) = asked(cast, 2)
    for token in (first, second):
        cast.press(token, "paid")
    cast.tick()
    begun = begin_notice(cast, "receipts")
    cast.finish(begun)
    undoes = {item["invoice_id"]: begun["tokens"][item["position"]] for item in begun["items"]}
    assert cast.undo(undoes[one]) == "undone"
    assert [cast.row(invoice_id)["status"] for invoice_id in (one, other)] == ["open", "paid"]
    assert cast.rubis() == 1
    assert cast.look(undoes[other])["may"] == ["undo"]
    assert cast.undo(undoes[other]) == "undone"
    assert cast.rubis() == 0


def test_an_answer_contradicted_after_its_receipt_is_told(cast: Cast) -> None:
    """The receipt left with another one within the window: the user has the word that paid was clicked."""
    (_, by_page), (contradicted, by_link) = asked(cast, 2)
    cast.click(by_link, "paid")
    cast.press(by_page, "paid")
    cast.tick()
    begun = begin_notice(cast, "receipts")
    cast.finish(begun)
    assert cast.click(by_link, "pending") == "confirm"
    assert len(cast.notices("said_paid")) == 1
    (mail,) = cast.receipts(contradicted)
    assert cast.undo(mail["token_hash"]) == "unchanged"


@pytest.mark.parametrize("failure_class", ["temporary", "unknown", "operator"])
def test_a_retry_carries_what_is_due_then(cast: Cast, failure_class: str) -> None:
    """One answer was taken back, one was given meanwhile; the first attempt's pages work still."""
    (gone, first), (stays, second), (new, third) = asked(cast, 3)
    for token in (first, second):
        cast.press(token, "paid")
    cast.tick()
    begun = begin_notice(cast, "receipts")
    undoes = {item["invoice_id"]: begun["tokens"][item["position"]] for item in begun["items"]}
    cast.fail(begun, failure_class)
    assert cast.undo(undoes[gone]) == "undone"
    cast.press(third, "paid")
    cast.clock.advance(minutes=1)
    cast.tick()
    again = begin_notice(cast, "receipts")
    assert (again["mail_id"], again["attempt"]) == (begun["mail_id"], 2)
    assert {item["invoice_id"] for item in again["items"]} == {stays, new}
    cast.finish(again)
    assert cast.undo(undoes[stays]) == "undone"


def test_a_receipt_of_a_later_answer_stays_due(cast: Cast) -> None:
    """Taken back and given again while the first receipt was being sent: the second answer has its own."""
    ((invoice_id, token),) = asked(cast, 1)
    cast.press(token, "paid")
    cast.tick()
    begun = begin_notice(cast, "receipts")
    cast.undo(token)
    cast.clock.advance(seconds=30)
    cast.press(token, "paid")
    cast.finish(begun)
    assert cast.task(invoice_id)["receipt_at"] == cast.now()
    cast.tick()
    assert [item["invoice_id"] for item in begin_notice(cast, "receipts")["items"]] == [invoice_id]


def test_a_refused_mail_of_receipts_is_not_tried_again(cast: Cast) -> None:
    """Its receipts are due no more; the next answer has a receipt all the same."""
    (first, token), (second, other) = asked(cast, 2)
    cast.press(token, "paid")
    cast.tick()
    cast.fail(begin_notice(cast, "receipts"), "refused")
    assert cast.task(first)["receipt_at"] is None
    cast.clock.advance(hours=1)
    cast.tick()
    assert [mail["status"] for mail in cast.notices("receipts")] == ["failed"]
    cast.press(other, "paid")
    cast.tick()
    assert [item["invoice_id"] for item in begin_notice(cast, "receipts")["items"]] == [second]


@pytest.mark.parametrize("fate", ["accepted", "refused"])
def test_what_falls_due_while_a_mail_is_on_its_way_is_mailed_next(cast: Cast, fate: str) -> None:
    """A receipt of an answer given meanwhile: the end of the first mail lets the next tick mail it."""
    (_, first), (later, second) = asked(cast, 2)
    cast.press(first, "paid")
    cast.tick()
    begun = begin_notice(cast, "receipts")
    cast.press(second, "paid")
    for _ in range(2):
        cast.tick()
        cast.clock.advance(seconds=5)
    assert cast.receipts(later) == []
    if fate == "accepted":
        cast.finish(begun)
    else:
        cast.fail(begun, "refused")
    cast.tick()
    assert len(cast.notices("receipts")) == 2
    assert [item["invoice_id"] for item in begin_notice(cast, "receipts")["items"]] == [later]
