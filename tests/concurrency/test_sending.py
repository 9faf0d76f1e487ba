"""A worker in the middle of a mail meets the user, a DBA, or another worker."""

from collections.abc import Callable

import pytest
from psycopg.rows import DictRow

from tests.support.cast import Cast, Tally
from tests.support.race import Move, Race, by
from tests.support.session import Session

PAID = Tally(status="paid", paid_events=1, rubis=1, answered=0, live_checkins=0, relances_ahead=0)
CANCELLED = Tally(status="cancelled", paid_events=0, rubis=0, answered=0, live_checkins=0, relances_ahead=0)
SETTLED_BY_CLICK = Tally(status="paid", paid_events=1, rubis=1, answered=1, live_checkins=0, relances_ahead=0)
PENDING_BY_CLICK = Tally(status="open", paid_events=0, rubis=0, answered=1, live_checkins=0, relances_ahead=1)
SETTLING = {"mark_invoice_paid": PAID, "cancel_invoice": CANCELLED}
_ROUNDS = 15


def by_user(cast: Cast, invoice_id: int, function: str) -> Move:
    """What the user does with the invoice in the app."""
    return by("rubis_api", cast, lambda it: it.api(function, invoice_id=invoice_id))


def click(cast: Cast, hashed: bytes, answer: str) -> Move:
    """A click on one of the two links of a mail."""
    return by("rubis_api", cast, lambda it: it.click(hashed, answer))


def begin(cast: Cast, invoice_id: int) -> Move:
    """A worker that takes the job."""
    return by("rubis_worker", cast, lambda it: it.begin(invoice_id))


def finish(cast: Cast, begun: DictRow) -> Move:
    """A worker whose mail was accepted."""
    return by("rubis_worker", cast, lambda it: it.finish(begun))


def fail(cast: Cast, begun: DictRow, failure_class: str) -> Move:
    """A worker whose mail failed."""
    return by("rubis_worker", cast, lambda it: it.fail(begun, failure_class))


@pytest.mark.parametrize("function", SETTLING)
def test_an_invoice_settled_just_before_its_mail_begins(race: Race, cast: Cast, function: str) -> None:
    """A worker passes by an invoice that is being settled; a second later nothing is left to send."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    met = race.meet(by_user(cast, invoice_id, function), begin(cast, invoice_id))
    assert not met.waited
    assert (met.second["skip_reason"], met.second["is_locked"]) == ("no question is due", True)
    assert cast.tally(invoice_id) == SETTLING[function]
    cast.clock.advance(seconds=2)
    cast.tick()
    assert cast.begin(invoice_id)["skip_reason"] == "no question is due"
    assert cast.mails(invoice_id) == []


@pytest.mark.parametrize("function", SETTLING)
def test_an_invoice_settled_just_after_its_mail_began(race: Race, cast: Cast, function: str) -> None:
    """A mail that has begun is on its way; settling the invoice cancels its check-in all the same."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    met = race.meet(begin(cast, invoice_id), by_user(cast, invoice_id, function))
    assert met.waited
    assert met.first["skip_reason"] is None
    cast.finish(met.first)
    assert cast.task(invoice_id)["status"] == "cancelled"
    assert cast.tally(invoice_id) == SETTLING[function]


@pytest.mark.parametrize("function", SETTLING)
@pytest.mark.parametrize("user_first", [True, False])
def test_an_invoice_settled_while_its_mail_ends(
    race: Race, cast: Cast, function: str, *, user_first: bool
) -> None:
    """An acceptance and a settlement both count, whichever is recorded first."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    moves = [by_user(cast, invoice_id, function), finish(cast, begun)]
    met = race.meet(*(moves if user_first else moves[::-1]))
    assert met.waited
    assert cast.tally(invoice_id) == SETTLING[function]
    (mail,) = cast.mails(invoice_id)
    assert mail["accepted_at"] is not None
    assert cast.click(begun["token"], "paid") == "already_answered"


@pytest.mark.parametrize("answer", ["paid", "pending"])
@pytest.mark.parametrize("click_first", [True, False])
def test_a_click_before_the_acceptance_is_recorded(
    race: Race, cast: Cast, answer: str, *, click_first: bool
) -> None:
    """The fastest click counts, whether it comes before or after the worker's word that the mail left."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    moves = [click(cast, begun["token"], answer), finish(cast, begun)]
    met = race.meet(*(moves if click_first else moves[::-1]))
    assert met.waited
    assert (met.first if click_first else met.second) == answer
    assert cast.tally(invoice_id) == {"paid": SETTLED_BY_CLICK, "pending": PENDING_BY_CLICK}[answer]
    assert cast.task(invoice_id)["status"] == "answered"


@pytest.mark.parametrize("failure_class", ["temporary", "refused", "operator", "unknown"])
@pytest.mark.parametrize("click_first", [True, False])
def test_a_click_on_a_mail_that_failed(
    race: Race, cast: Cast, failure_class: str, *, click_first: bool
) -> None:
    """A mail that arrived although its server said otherwise has working links, and is not sent again."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    moves = [click(cast, begun["token"], "paid"), fail(cast, begun, failure_class)]
    met = race.meet(*(moves if click_first else moves[::-1]))
    assert met.waited
    assert (met.first if click_first else met.second) == "paid"
    assert cast.tally(invoice_id) == SETTLED_BY_CLICK
    cast.clock.advance(hours=1)
    cast.tick()
    assert len(cast.mails(invoice_id)) == 1


@pytest.mark.parametrize("second_begins", ["while the first ends", "before the first ends"])
def test_a_worker_given_up_for_dead_ends_its_own_mail_only(
    race: Race, cast: Cast, second_begins: str
) -> None:
    """A slow worker records its own mail; the check-in waits for the one who took over."""
    invoice_id = cast.invoice()
    slow = cast.sending(invoice_id)
    cast.clock.advance(minutes=4)
    cast.tick()
    cast.queue(invoice_id)
    if second_begins == "while the first ends":
        met = race.meet(begin(cast, invoice_id), finish(cast, slow))
        assert met.waited
        quick = met.first
    else:
        quick = cast.begin(invoice_id)
        cast.finish(slow)
    assert cast.task(invoice_id)["status"] == "sending"
    cast.finish(quick)
    assert cast.task(invoice_id)["status"] == "sent"
    assert cast.kinds(invoice_id).count("checkin_sent") == 1
    assert cast.click(slow["token"], "paid") == "paid"


@pytest.mark.parametrize("queued_again", [False, True])
def test_a_worker_that_comes_back_before_anyone_took_over(cast: Cast, *, queued_again: bool) -> None:
    """Once a slow worker has told that its mail was accepted its fate is known, and no second mail leaves."""
    invoice_id = cast.invoice()
    begun = cast.sending(invoice_id)
    cast.clock.advance(minutes=4)
    cast.tick()
    if queued_again:
        cast.queue(invoice_id)
    cast.finish(begun)
    cast.queue(invoice_id)
    assert cast.begin(invoice_id)["skip_reason"] is not None
    assert cast.click(begun["token"], "paid") == "paid"


def test_two_workers_with_the_same_job(race: Race, cast: Cast) -> None:
    """A job that is run twice sends once."""
    invoice_id = cast.invoice()
    cast.queue(invoice_id)
    met = race.meet(begin(cast, invoice_id), begin(cast, invoice_id))
    assert not met.waited
    assert met.first["skip_reason"] is None
    assert met.second["skip_reason"] is not None
    assert len(cast.mails(invoice_id)) == 1


def test_a_storm_around_a_mail(race: Race, cast: Cast) -> None:
    """Acceptance, click and mark-paid at full speed: one rubis, and nothing is left to be asked."""
    current: list[tuple[int, DictRow]] = []

    def prepare(_round: int) -> None:
        invoice_id = cast.invoice()
        current.append((invoice_id, cast.sending(invoice_id)))

    def now(make: Callable[[int, DictRow], Move]) -> Callable[[Session], object]:
        def step(session: Session) -> object:
            return make(*current[-1])[1](session)

        return step

    moves: list[Move] = [
        ("rubis_worker", now(lambda _invoice, begun: finish(cast, begun))),
        ("rubis_api", now(lambda _invoice, begun: click(cast, begun["token"], "paid"))),
        ("rubis_api", now(lambda invoice, _begun: by_user(cast, invoice, "mark_invoice_paid"))),
    ]
    results = race.rounds(moves, _ROUNDS, prepare)
    for (invoice_id, _), (finished, clicked, _) in zip(current, results, strict=True):
        assert not isinstance(finished, Exception)
        assert cast.tally(invoice_id) == {"paid": SETTLED_BY_CLICK, "already_answered": PAID}[clicked]
