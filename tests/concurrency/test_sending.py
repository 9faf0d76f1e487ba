"""A worker in the middle of a mail meets the user, a DBA, or another worker."""

from collections.abc import Callable

import pytest

from app.core.security import new_token, token_hash
from tests.support.flow import Facts, Flow
from tests.support.race import Move, Race
from tests.support.session import Session

PAID = Facts(status="paid", paid_events=1, rubis=1, answered=0, live_checkins=0, relances_ahead=0)
CANCELLED = Facts(status="cancelled", paid_events=0, rubis=0, answered=0, live_checkins=0, relances_ahead=0)
SETTLED_BY_CLICK = Facts(status="paid", paid_events=1, rubis=1, answered=1, live_checkins=0, relances_ahead=0)
PENDING_BY_CLICK = Facts(status="open", paid_events=0, rubis=0, answered=1, live_checkins=0, relances_ahead=1)
SETTLING = {"api.mark_invoice_paid": PAID, "api.cancel_invoice": CANCELLED}
_ROUNDS = 15


def by_user(flow: Flow, invoice_id: int, function: str) -> Move:
    """What the user does with the invoice in the app."""
    return "rubis_api", lambda session: session.call(
        function, p_access_token_hash=flow.access, p_invoice_id=invoice_id
    )


def click(flow: Flow, hashed: bytes, answer: str) -> Move:
    """A click on one of the two links of a mail."""
    return "rubis_api", lambda session: flow.answer(hashed, answer, session)


def begin(flow: Flow, invoice_id: int) -> Move:
    """A worker that takes the job."""
    return "rubis_worker", lambda session: flow.begin_as(session, invoice_id, token_hash(new_token()))


def finish(flow: Flow, mail_id: int) -> Move:
    """A worker whose mail was accepted."""
    return "rubis_worker", lambda session: flow.finish(mail_id, session)


def fail(flow: Flow, mail_id: int, failure_class: str) -> Move:
    """A worker whose mail failed."""
    return "rubis_worker", lambda session: flow.fail(mail_id, failure_class, session)


@pytest.mark.parametrize("function", SETTLING)
def test_settled_just_before_the_mail_begins(race: Race, flow: Flow, function: str) -> None:
    """A worker that waits for the invoice while it is settled finds nothing left to send."""
    invoice_id = flow.issue()
    flow.queue()
    met = race.meet(by_user(flow, invoice_id, function), begin(flow, invoice_id))
    assert met.waited
    assert met.second["skip_reason"] == f"invoice is {SETTLING[function].status}"
    assert flow.facts(invoice_id) == SETTLING[function]
    mails = "select count(*) from rubis.checkin_mail where checkin_task_id = %s"
    assert flow.database.admin.value(mails, [flow.task(invoice_id)["checkin_task_id"]]) == 0


@pytest.mark.parametrize("function", SETTLING)
def test_settled_just_after_the_mail_began(race: Race, flow: Flow, function: str) -> None:
    """A mail that has begun is on its way; settling the invoice cancels its check-in all the same."""
    invoice_id = flow.issue()
    flow.queue()
    met = race.meet(begin(flow, invoice_id), by_user(flow, invoice_id, function))
    assert met.waited
    assert met.first["skip_reason"] is None
    flow.finish(met.first["checkin_mail_id"])
    assert flow.task(invoice_id)["status"] == "cancelled"
    assert flow.facts(invoice_id) == SETTLING[function]


@pytest.mark.parametrize("function", SETTLING)
@pytest.mark.parametrize("user_first", [True, False])
def test_settled_while_the_mail_ends(race: Race, flow: Flow, function: str, *, user_first: bool) -> None:
    """An acceptance and a settlement both count, whichever is recorded first."""
    invoice_id = flow.issue()
    flow.queue()
    hashed, mail_id = flow.begin(invoice_id)
    moves = [by_user(flow, invoice_id, function), finish(flow, mail_id)]
    met = race.meet(*(moves if user_first else moves[::-1]))
    assert met.waited
    assert flow.facts(invoice_id) == SETTLING[function]
    assert flow.database.admin.value(
        "select accepted_at is not null from rubis.checkin_mail where checkin_mail_id = %s", [mail_id]
    )
    assert flow.answer(hashed, "paid") == "already_answered"


@pytest.mark.parametrize("answer", ["paid", "pending"])
@pytest.mark.parametrize("click_first", [True, False])
def test_a_click_before_the_acceptance_is_recorded(
    race: Race, flow: Flow, answer: str, *, click_first: bool
) -> None:
    """The fastest click counts, whether it comes before or after the worker's word that the mail left."""
    invoice_id = flow.issue()
    flow.queue()
    hashed, mail_id = flow.begin(invoice_id)
    moves = [click(flow, hashed, answer), finish(flow, mail_id)]
    met = race.meet(*(moves if click_first else moves[::-1]))
    assert met.waited
    assert (met.first if click_first else met.second) == answer
    assert flow.facts(invoice_id) == (SETTLED_BY_CLICK if answer == "paid" else PENDING_BY_CLICK)
    assert flow.task(invoice_id)["status"] == "answered"


@pytest.mark.parametrize("failure_class", ["temporary", "refused", "operator", "unknown"])
@pytest.mark.parametrize("click_first", [True, False])
def test_a_click_on_a_mail_that_failed(
    race: Race, flow: Flow, failure_class: str, *, click_first: bool
) -> None:
    """A mail that arrived although its server said otherwise has working links, and is not sent again."""
    invoice_id = flow.issue()
    flow.queue()
    hashed, mail_id = flow.begin(invoice_id)
    moves = [click(flow, hashed, "paid"), fail(flow, mail_id, failure_class)]
    met = race.meet(*(moves if click_first else moves[::-1]))
    assert met.waited
    assert (met.first if click_first else met.second) == "paid"
    assert flow.facts(invoice_id) == SETTLED_BY_CLICK
    assert flow.task(invoice_id)["next_attempt_at"] is None


@pytest.mark.parametrize("second_begins", ["while the first ends", "before the first ends"])
def test_a_worker_given_up_for_dead_ends_its_own_mail_only(
    race: Race, flow: Flow, second_begins: str
) -> None:
    """A slow worker records its own mail; the check-in waits for the one who took over."""
    invoice_id = flow.issue()
    flow.queue()
    slow_hash, slow_mail = flow.begin(invoice_id)
    flow.database.clock.advance(minutes=4)
    flow.tick()
    flow.queue()
    if second_begins == "while the first ends":
        met = race.meet(begin(flow, invoice_id), finish(flow, slow_mail))
        assert met.waited
        mail = met.first["checkin_mail_id"]
    else:
        _, mail = flow.begin(invoice_id)
        flow.finish(slow_mail)
    assert flow.task(invoice_id)["status"] == "sending"
    flow.finish(mail)
    assert flow.task(invoice_id)["status"] == "sent"
    assert flow.kinds(invoice_id).count("checkin_sent") == 1
    assert flow.answer(slow_hash, "paid") == "paid"


@pytest.mark.parametrize("queued_again", [False, True])
def test_a_worker_that_comes_back_before_anyone_took_over(flow: Flow, *, queued_again: bool) -> None:
    """Once a slow worker has told that its mail was accepted its fate is known, and no second mail leaves."""
    invoice_id = flow.issue()
    flow.queue()
    hashed, mail_id = flow.begin(invoice_id)
    flow.database.clock.advance(minutes=4)
    flow.tick()
    if queued_again:
        flow.queue()
    flow.finish(mail_id)
    flow.queue()
    begun = flow.begin_as(flow.worker, invoice_id, token_hash(new_token()))
    assert begun["skip_reason"] is not None
    assert flow.answer(hashed, "paid") == "paid"


def test_two_workers_with_the_same_job(race: Race, flow: Flow) -> None:
    """A job that is run twice sends once."""
    invoice_id = flow.issue()
    flow.queue()
    met = race.meet(begin(flow, invoice_id), begin(flow, invoice_id))
    assert met.waited
    assert (met.first["skip_reason"], met.second["skip_reason"]) == (None, "check-in is sending")


def test_a_storm_around_a_mail(race: Race, flow: Flow) -> None:
    """Acceptance, click and mark-paid at full speed: one rubis, and nothing is left to be asked."""
    current: list[tuple[int, bytes, int]] = []

    def prepare(_round: int) -> None:
        invoice_id = flow.issue()
        flow.queue()
        current.append((invoice_id, *flow.begin(invoice_id)))

    def now(make: Callable[[int, bytes, int], Move]) -> Callable[[Session], object]:
        def step(session: Session) -> object:
            return make(*current[-1])[1](session)

        return step

    moves: list[Move] = [
        ("rubis_worker", now(lambda _invoice, _hash, mail: finish(flow, mail))),
        ("rubis_api", now(lambda _invoice, hashed, _mail: click(flow, hashed, "paid"))),
        ("rubis_api", now(lambda invoice, _hash, _mail: by_user(flow, invoice, "api.mark_invoice_paid"))),
    ]
    results = race.rounds(moves, _ROUNDS, prepare)
    for (invoice_id, _, _), (finished, clicked, _) in zip(current, results, strict=True):
        assert not isinstance(finished, Exception)
        assert clicked in ("paid", "already_answered")
        assert flow.facts(invoice_id) == (SETTLED_BY_CLICK if clicked == "paid" else PAID)
