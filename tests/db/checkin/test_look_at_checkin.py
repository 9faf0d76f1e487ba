"""The page of a check-in: what it shows, which buttons it has, and that looking writes nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg.rows import DictRow

from tests.support.cast import ASKED_AT, Cast
from tests.support.letters import calendar, fail_letter, proven, receipt, send_letter, sending_letter

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(hours=24)
FORTNIGHT = timedelta(days=14)


def at(moment: Any) -> str:
    """A moment as the database writes it in JSON."""
    return str(moment.isoformat())


def test_the_page_shows_what_was_asked(cast: Cast) -> None:
    """Of whom, what, how much, due when, mailed when; and which relance leaves when."""
    calendar(cast)
    proven(cast)
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.clock.advance(hours=1)
    relance = cast.relance(invoice_id)
    assert cast.look(token) == {
        "organization_name": "Atelier Rubis",
        "locale": "fr",
        "time_zone": "Europe/Paris",
        "click_mode": "direct",
        "client_name": "Dupont SARL",
        "number": cast.row(invoice_id)["number"],
        "amount_cents": 120_000,
        "currency": "EUR",
        "due_on": "2026-03-20",
        "invoice_status": "open",
        "is_sample": False,
        "standing": "open",
        "said_paid": False,
        "mailed_at": at(ASKED_AT),
        "expires_at": at(ASKED_AT + DAY),
        "asked_again": False,
        "answer": None,
        "answered_at": None,
        "answered_via": None,
        "contradicted": False,
        "undone": False,
        "receipt": False,
        "may": ["paid", "pending"],
        "undo_until": None,
        "relance": {
            "step": 1,
            "tone": "courteous",
            "asks_at": None,
            "leaves_at": at(relance["scheduled_at"]),
            "reason": None,
        },
        "reminders": "planned",
        "letters": [],
    }


def state(cast: Cast, token: bytes, *names: str) -> tuple[Any, ...]:
    """Some of what the page shows."""
    page = cast.look(token)
    return tuple(page[name] for name in names)


FACTS = ("standing", "invoice_status", "answer", "answered_via", "contradicted", "undone", "may")


def test_the_page_shows_what_was_answered(cast: Cast) -> None:
    """By a link, taken back, by a button, changed: at each step what is so, and the buttons that work."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "paid")
    answered = ("already_answered", "paid", "paid", "link", False, False, ["undo", "pending"])
    assert state(cast, token, *FACTS) == answered
    assert state(cast, token, "answered_at", "undo_until", "relance") == (
        at(cast.now()),
        at(cast.now() + FORTNIGHT),
        None,
    )
    cast.click(token, "pending")
    assert state(cast, token, *FACTS) == ("open", "open", None, None, True, False, ["paid", "pending"])
    cast.clock.advance(seconds=1)
    cast.press(token, "pending")
    assert state(cast, token, *FACTS) == (
        *("already_answered", "open", "pending", "page", True, False),
        ["undo", "paid"],
    )
    assert cast.look(token)["relance"]["step"] == 1
    cast.undo(token)
    assert state(cast, token, *FACTS) == ("open", "open", None, None, True, True, ["paid", "pending"])


def test_it_shows_the_letters_sent(cast: Cast) -> None:
    """The relances that reached the client, with their step, tone and time."""
    calendar(cast)
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "pending")
    send_letter(cast, invoice_id)
    assert cast.look(token)["letters"] == [
        {"step": 1, "tone": "courteous", "sent_at": at(cast.now()), "status": "sent"}
    ]


def test_it_shows_a_letter_that_may_have_arrived(cast: Cast) -> None:
    """Sent, but without an answer of the mail server: unconfirmed until the user says more."""
    calendar(cast)
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "pending")
    begun = sending_letter(cast, invoice_id)
    sent_at = at(cast.now())
    fail_letter(cast, begun, "unknown")
    letter = {"step": 1, "tone": "courteous", "sent_at": sent_at}
    assert cast.look(token)["letters"] == [letter | {"status": "unconfirmed"}]
    cast.api("confirm_relance", relance_id=cast.relance(invoice_id)["relance_id"])
    assert cast.look(token)["letters"] == [letter | {"status": "sent"}]


def test_it_does_not_show_a_letter_that_was_refused(cast: Cast) -> None:
    """The page does not show a letter that was refused, as it did not reach the client."""
    calendar(cast)
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "pending")
    fail_letter(cast, sending_letter(cast, invoice_id), "refused")
    assert cast.look(token)["letters"] == []


def test_it_shows_that_no_relance_can_follow(cast: Cast) -> None:
    """The page shows that no relance can follow for a client without an address."""
    invoice_id = cast.insert(client_id=cast.client(email=None))
    assert cast.look(cast.ask(invoice_id))["reminders"] == "no_address"


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_an_answer_in_the_app_has_no_button(cast: Cast, answer: str) -> None:
    """The page shows an answer given in the app, and only the app changes it."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.api("answer_invoice_checkin", invoice_id=invoice_id, answer=answer)
    assert state(cast, token, "standing", "answer", "answered_via", "may", "undo_until") == (
        *("already_answered", answer, "app", []),
        None,
    )


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_a_settled_invoice_has_no_button(cast: Cast, status: str) -> None:
    """The page of an invoice paid by hand or withdrawn says so and has no button."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.update(invoice_id, status=status)
    assert state(cast, token, "standing", "invoice_status", "may", "relance") == (
        *("already_answered", status, []),
        None,
    )


@pytest.mark.parametrize(
    ("past", "standing", "may"),
    [(-MICROSECOND, "open", ["paid", "pending"]), (0 * MICROSECOND, "expired", ["paid"])],
)
def test_an_unanswered_page_has_two_buttons_for_24_h(
    cast: Cast, past: timedelta, standing: str, may: list[str]
) -> None:
    """The page of an open question has two buttons for 24 hours, then one that asks again."""
    token = cast.ask(cast.invoice())
    cast.clock.set(cast.now() + DAY + past)
    assert state(cast, token, "standing", "may") == (standing, may)


Page = tuple[bytes, datetime]
"""A token, and until when its page is shown."""


def by_hand(cast: Cast) -> Page:
    """The invoice is marked paid: 14 days from when the links of its mail run out."""
    invoice_id = cast.invoice()
    token, until = cast.ask(invoice_id), cast.now() + DAY + FORTNIGHT
    cast.clock.advance(hours=1)
    cast.api("mark_invoice_paid", invoice_id=invoice_id)
    return token, until


def by_button(cast: Cast) -> Page:
    """It is answered within the hour: the same."""
    token, until = cast.ask(cast.invoice()), cast.now() + DAY + FORTNIGHT
    cast.clock.advance(hours=1)
    cast.press(token, "paid")
    return token, until


def by_button_long_after(cast: Cast) -> Page:
    """Its answer is changed when the links have run out: 14 days from then."""
    token = cast.ask(cast.invoice())
    cast.clock.advance(hours=1)
    cast.press(token, "pending")
    cast.clock.advance(days=5)
    cast.press(token, "paid")
    return token, cast.now() + FORTNIGHT


def by_button_with_a_receipt(cast: Cast) -> Page:
    """The receipt's page: 14 days from when a link of that mail would run out."""
    by_button(cast)
    return receipt(cast), cast.now() + DAY + FORTNIGHT


@pytest.mark.parametrize(("past", "shown"), [(-MICROSECOND, True), (0 * MICROSECOND, False)])
@pytest.mark.parametrize("settled", [by_hand, by_button, by_button_long_after, by_button_with_a_receipt])
def test_a_settled_page_is_shown_for_14_days(
    cast: Cast, settled: Callable[[Cast], Page], past: timedelta, *, shown: bool
) -> None:
    """From when the links of its mail ran out or, if that was later, from the answer."""
    token, until = settled(cast)
    cast.clock.set(until + past)
    assert (cast.look(token) is not None) is shown


@pytest.mark.parametrize("answer", [None, "pending"])
def test_the_page_is_shown_while_its_invoice_is_open(cast: Cast, answer: str | None) -> None:
    """Months after: there is still something to say, if only that it was paid."""
    token = cast.ask(cast.invoice())
    if answer is not None:
        cast.press(token, answer)
    cast.clock.advance(days=90)
    assert cast.look(token)["may"] == (["paid"] if answer is None else [])


def test_the_page_tells_that_the_question_is_asked_again(cast: Cast) -> None:
    """Too late, but said to be paid: from then until the new question ends."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.clock.advance(hours=24)
    assert state(cast, token, "standing", "asked_again") == ("expired", False)
    cast.click(token, "paid")
    assert state(cast, token, "standing", "asked_again") == ("expired", True)
    cast.click(cast.ask(invoice_id), "paid")
    assert state(cast, token, "standing", "asked_again") == ("already_answered", False)


@pytest.mark.parametrize(("past", "may"), [(-MICROSECOND, ["undo", "pending"]), (0 * MICROSECOND, [])])
def test_the_buttons_are_there_as_long_as_they_work(cast: Cast, past: timedelta, may: list[str]) -> None:
    """14 days from the answer, for the check-in and for its receipt; then the page shows, and has none."""
    token = cast.ask(cast.invoice())
    cast.click(token, "paid")
    until = cast.now() + FORTNIGHT
    undoes = receipt(cast)
    cast.clock.set(until + past)
    assert cast.look(token)["may"] == may
    assert cast.look(undoes)["may"] == may[:1]


def test_a_receipt_only_undoes(cast: Cast) -> None:
    """The same facts, one button; after its answer is undone or given again, none."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "paid")
    undoes = receipt(cast)
    assert state(cast, undoes, "receipt", "answer", "may") == (True, "paid", ["undo"])
    cast.clock.advance(minutes=1)
    cast.undo(token)
    assert state(cast, undoes, "answer", "may") == (None, [])
    cast.press(token, "paid")
    assert state(cast, undoes, "answer", "may") == ("paid", [])


@pytest.mark.parametrize("token", [b"", b"\x00" * 32, None], ids=repr)
def test_an_unknown_token_has_no_page(cast: Cast, token: bytes) -> None:
    """Looking with an unknown token returns null."""
    cast.ask(cast.invoice())
    assert cast.look(token) is None


def brought(status: str) -> Callable[[Cast, int], bytes]:
    """The check-in has come to this status."""

    def bring(cast: Cast, invoice_id: int) -> bytes:
        token: bytes = cast.bring(invoice_id, status)["token"]
        return token

    return bring


def answered(*acts: Callable[[Cast, bytes], str]) -> Callable[[Cast, int], bytes]:
    """The check-in was mailed, and these acts followed."""

    def bring(cast: Cast, invoice_id: int) -> bytes:
        token = cast.ask(invoice_id)
        for act in acts:
            act(cast, token)
        return token

    return bring


def late(cast: Cast, invoice_id: int) -> bytes:
    """The links have run out, and no tick has recorded it yet."""
    token = cast.ask(invoice_id)
    cast.clock.advance(hours=30)
    return token


def link(answer: str) -> Callable[[Cast, bytes], str]:
    """A click on a link."""
    return lambda cast, token: cast.click(token, answer)


def button(answer: str) -> Callable[[Cast, bytes], str]:
    """An answer's button is pressed."""
    return lambda cast, token: cast.press(token, answer)


BECAME: dict[str, Callable[[Cast, int], bytes]] = {
    "sending": brought("sending"),
    "sent": brought("sent"),
    "failed": brought("failed"),
    "expired": brought("expired"),
    "paid by link": answered(link("paid")),
    "pending by page": answered(button("pending")),
    "contradicted": answered(link("paid"), link("pending")),
    "late": late,
}
PRESS: dict[str, Callable[[Cast, bytes], str]] = {
    "paid": button("paid"),
    "pending": button("pending"),
    "undo": lambda cast, token: cast.undo(token),
}
SAYS = {"undo": "undone", "paid": "paid", "pending": "pending"}
SAYS_LATE = SAYS | {"paid": "expired"}
"""What the buttons lead to: on an expired page paid asks again."""


@pytest.mark.parametrize("press", PRESS)
@pytest.mark.parametrize("became", BECAME)
def test_the_buttons_shown_are_those_that_work(cast: Cast, became: str, press: str) -> None:
    """A button changes something exactly if the page shows it, whatever became of the check-in."""
    invoice_id = cast.invoice()
    token = BECAME[became](cast, invoice_id)
    shown, before = press in cast.look(token)["may"], changeable(cast, invoice_id)
    PRESS[press](cast, token)
    assert (changeable(cast, invoice_id) != before) is shown


@pytest.mark.parametrize("became", BECAME)
def test_a_button_shown_does_what_it_says(cast: Cast, became: str) -> None:
    """Each button of the page leads to its own outcome."""
    token = BECAME[became](cast, cast.invoice())
    page = cast.look(token)
    says = SAYS_LATE if page["standing"] == "expired" else SAYS
    for press in page["may"]:
        with cast.session.connection.transaction(force_rollback=True):
            assert PRESS[press](cast, token) == says[press]


def changeable(cast: Cast, invoice_id: int) -> dict[str, list[DictRow]]:
    """All that hangs on the invoice, but for whether a link or a person gave the same answer."""
    effects = cast.effects(invoice_id)
    for task in effects["checkin_task"]:
        del task["answered_via"]
    return effects
