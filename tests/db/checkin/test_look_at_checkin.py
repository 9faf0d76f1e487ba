"""The page of a check-in: what it shows, which buttons it has, and that looking writes nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

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
        "standing": "open",
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
    """Nothing reached the client."""
    calendar(cast)
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.click(token, "pending")
    fail_letter(cast, sending_letter(cast, invoice_id), "refused")
    assert cast.look(token)["letters"] == []


def test_it_shows_that_no_relance_can_follow(cast: Cast) -> None:
    """The client has no address."""
    invoice_id = cast.insert(client_id=cast.client(email=None))
    assert cast.look(cast.ask(invoice_id))["reminders"] == "no_address"


@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_an_answer_in_the_app_has_no_button(cast: Cast, answer: str) -> None:
    """It is shown, and only the app changes it."""
    invoice_id = cast.invoice()
    token = cast.ask(invoice_id)
    cast.api("answer_invoice_checkin", invoice_id=invoice_id, answer=answer)
    assert state(cast, token, "standing", "answer", "answered_via", "may", "undo_until") == (
        *("already_answered", answer, "app", []),
        None,
    )


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_a_settled_invoice_has_no_button(cast: Cast, status: str) -> None:
    """Paid by hand or withdrawn: said so."""
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
    """Then one, which asks anew."""
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
    """Null."""
    cast.ask(cast.invoice())
    assert cast.look(token) is None


BECAME = ["sending", "sent", "failed", "expired", "paid by link", "pending by page", "contradicted", "late"]


@pytest.mark.parametrize("press", ["paid", "pending", "undo"])
@pytest.mark.parametrize("status", BECAME)
def test_the_buttons_shown_are_those_that_work(cast: Cast, status: str, press: str) -> None:
    """Each button shown does what it says, whatever became of the check-in; one not shown changes nothing."""
    invoice_id = cast.invoice()
    token = cast.bring(invoice_id, status if status in ("sending", "failed", "expired") else "sent")["token"]
    if status == "paid by link":
        cast.click(token, "paid")
    elif status == "pending by page":
        cast.press(token, "pending")
    elif status == "contradicted":
        cast.click(token, "paid")
        cast.click(token, "pending")
    elif status == "late":
        cast.clock.advance(hours=30)
    page, before = cast.look(token), cast.effects(invoice_id)
    outcome = cast.undo(token) if press == "undo" else cast.press(token, press)
    after = cast.effects(invoice_id)
    for task in (*before["checkin_task"], *after["checkin_task"]):
        del task[
            "answered_via"
        ]  # paid by link and then by button: said by a person, which is all that changes
    assert (after != before) is (press in page["may"])
    if press in page["may"]:
        late = page["standing"] == "expired"
        assert (
            outcome == {"undo": "undone", "paid": "expired" if late else "paid", "pending": "pending"}[press]
        )
    else:
        assert outcome in ("already_answered", "expired", "unchanged")


def test_looking_at_the_page_writes_nothing(cast: Cast) -> None:
    """It runs in a read-only transaction, in every state, by page and by receipt."""
    tokens = [
        cast.bring(cast.invoice(), status)["token"] for status in ("sending", "sent", "failed", "expired")
    ]
    answered = cast.ask(cast.invoice())
    cast.click(answered, "paid")
    tokens += [answered, receipt(cast), b"\x00" * 32]
    cast.session.execute("savepoint looking")
    cast.session.execute("set transaction read only")
    for token in tokens:
        page = cast.look(token)
        assert (page is None) == (token == b"\x00" * 32)
    cast.session.execute("rollback to looking")
    assert (
        cast.session.value("select provolatile::text from pg_proc where proname = 'look_at_checkin'") == "s"
    )
