"""Answers taken back while others click, press, settle, change, tick and send: one state, no deadlock."""

from collections import Counter
from collections.abc import Callable

import psycopg
import pytest

from tests.concurrency.test_relances import begin, letters, ready
from tests.support.cast import Cast, Tally, connected
from tests.support.database import Database
from tests.support.race import Move, Race, by, sqlstate
from tests.support.session import Session

OPPOSITE = {"paid": "pending", "pending": "paid"}
RULES = (
    *("rubis_match_events", "paid_invoice_has_event", "paid_by_a_click", "open_invoice_asked"),
    *("live_task_invoice_open", "one_live_task", "relance_ahead_invoice_open", "answer_paid_settles"),
)
Act = Callable[[Cast, int, bytes], Move]


def assert_consistent(cast: Cast, invoice_id: int) -> Tally:
    """One rubis if paid, one relance ahead if open, no rule broken; returns the facts."""
    facts = cast.tally(invoice_id)
    assert facts.rubis == (facts.status == "paid")
    assert facts.relances_ahead == (facts.status == "open")
    assert facts.live_checkins <= (facts.status == "open")
    kinds = Counter(cast.kinds(invoice_id))
    settled = kinds["invoice_paid"] + kinds["invoice_cancelled"] - kinds["invoice_reopened"]
    assert settled == (facts.status != "open")
    for rule in RULES:
        query = f"select * from audit.rule_{rule} where organization_id = %s"
        assert cast.session.rows(query, [cast.organization_id]) == [], rule
    return facts


def click(answer: str) -> Act:
    """A link."""
    return lambda cast, _, hashed: by("rubis_api", cast, lambda it: it.click(hashed, answer))


def press(answer: str) -> Act:
    """A button."""
    return lambda cast, _, hashed: by("rubis_api", cast, lambda it: it.press(hashed, answer))


def undo(cast: Cast, _: int, hashed: bytes) -> Move:
    """The button that takes the answer back."""
    return by("rubis_api", cast, lambda it: it.undo(hashed))


def api(function: str, **params: object) -> Act:
    """The user, in the app."""

    def make(cast: Cast, invoice_id: int, _: bytes) -> Move:
        def step(session: Session) -> object:
            return cast.over(session).api(function, invoice_id=invoice_id, **params)

        return "rubis_api", step

    return make


def dba(assignment: str) -> Act:
    """A DBA."""

    def make(_: Cast, invoice_id: int, _hashed: bytes) -> Move:
        query = f"update rubis.invoice set {assignment} where invoice_id = %s"
        return "rubis_owner", lambda session: session.execute(query, [invoice_id]).rowcount

    return make


def tick(cast: Cast, _invoice: int, _hashed: bytes) -> Move:
    """A worker's tick."""
    return by("rubis_worker", cast, lambda it: it.tick(name="of the race", limit=500))


def refusable(move: Move) -> Move:
    """It may be refused, a paid invoice being no more to be changed; then that is its result."""
    user, step = move

    def attempt(session: Session) -> object:
        try:
            with session.connection.transaction():
                return step(session)
        except psycopg.DatabaseError as error:
            if error.sqlstate != "RB409":
                raise
            return error

    return user, attempt


ACTS: dict[str, Act] = {
    "the first link again": click("paid"),
    "the other link again": click("pending"),
    "the button paid": press("paid"),
    "the button pending": press("pending"),
    "the button undo": undo,
    "mark paid": api("mark_invoice_paid"),
    "cancel": api("cancel_invoice"),
    "reopen": api("reopen_invoice", reason=None),
    "move the due date": api("update_invoice", changes='{"due_on": "2031-01-31"}'),
    "ask again": api("ask_checkin_again"),
    "paid in the app": api("answer_invoice_checkin", answer="paid"),
    "a DBA reopens it": dba("status = 'open'"),
    "a DBA settles it": dba("status = 'paid'"),
    "a tick": tick,
}


def taking_back(way: str, first: str) -> Act:
    """What takes the answer back."""
    return click(OPPOSITE[first]) if way == "the opposite link" else undo


TAKING = ["the opposite link", "the button undo"]


@pytest.mark.parametrize("first", OPPOSITE)
@pytest.mark.parametrize("taking", TAKING)
@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("taken_first", [True, False])
def test_an_answer_taken_back_meets_another_act(
    race: Race, cast: Cast, first: str, taking: str, name: str, *, taken_first: bool
) -> None:
    """An answer taken back, and any other act: the second waits and sees how the first one ended."""
    invoice_id, hashed = cast.asked()
    assert cast.click(hashed, first) == first
    moves = [
        taking_back(taking, first)(cast, invoice_id, hashed),
        refusable(ACTS[name](cast, invoice_id, hashed)),
    ]
    met = race.meet(*(moves if taken_first else moves[::-1]))
    assert sqlstate(met.second) in (None, "RB409"), met.second
    taken, other = (met.first, met.second) if taken_first else (met.second, met.first)
    facts = assert_consistent(cast, invoice_id)
    if taken_first:
        assert taken == ("confirm" if taking == "the opposite link" else "undone")
        if name in ("mark paid", "a DBA settles it", "paid in the app", "the button paid"):
            assert facts.status == "paid"
        elif name != "cancel":
            assert facts.status == "open"
    else:
        assert taken in ("confirm", "already_answered", "undone", "unchanged", "expired", "paid", "pending")
        if name == "mark paid":
            assert facts.status == ("paid" if taken in ("already_answered", "unchanged") else "open")
        if name in ("move the due date", "ask again", "cancel") and first == "pending":
            assert taken in ("already_answered", "unchanged")
    if name == "a tick":
        assert sqlstate(other) is None
        assert not (taken_first and met.waited)


@pytest.mark.parametrize("wave", ["links", "buttons", "buttons and undos", "all"])
def test_fifty_clicks_at_once_leave_one_state(race: Race, cast: Cast, wave: str) -> None:
    """50 opposing clicks over 50 connections, three times: a single state, each outcome by the rules."""
    acts = {
        "links": [click("paid"), click("pending")] * 25,
        "buttons": [press("paid"), press("pending")] * 25,
        "buttons and undos": [press("paid"), press("pending"), undo, press("paid"), press("pending")] * 10,
        "all": [click("paid"), click("pending"), press("paid"), press("pending"), undo] * 10,
    }[wave]
    asked: list[tuple[int, bytes]] = []

    def move(act: Act) -> Move:
        def step(session: Session) -> object:
            return act(cast, *asked[-1])[1](session)

        return "rubis_api", step

    results = race.rounds([move(act) for act in acts], 3, lambda _: asked.append(cast.asked()))
    for (invoice_id, hashed), outcomes in zip(asked, results, strict=True):
        assert [outcome for outcome in outcomes if not isinstance(outcome, str)] == []
        facts = assert_consistent(cast, invoice_id)
        seen = Counter(outcomes)
        if wave == "links":
            assert seen["paid"] + seen["pending"] == 1
            assert seen["confirm"] >= 25
            assert seen["confirm"] + seen["already_answered"] == 49
            assert (facts.status, facts.answered, facts.live_checkins) == ("open", 0, 1)
            assert cast.kinds(invoice_id).count("checkin_contradicted") == 1
        elif wave == "buttons":
            assert facts.answered == 1
            assert set(seen) <= {"paid", "pending", "already_answered"}
            assert abs(seen["paid"] - seen["pending"]) <= 1
        else:
            assert facts.answered + facts.live_checkins == 1
        clicks = cast.session.rows(
            "select outcome from rubis.checkin_click as c join rubis.checkin_mail as m"
            " using (organization_id, checkin_mail_id) where token_hash = %s",
            [hashed],
        )
        shown = Counter("confirm" if row["outcome"] == "contradicted" else row["outcome"] for row in clicks)
        assert shown == seen
        if wave == "links":
            assert cast.press(hashed, "paid") == "paid"
            assert assert_consistent(cast, invoice_id).status == "paid"


def test_two_contradictions_advise_once(race: Race, cast: Cast) -> None:
    """Two check-ins of an organization contradicted at once: one mail, and neither is overlooked."""

    def advised() -> int:
        count: int = cast.session.value(
            "select count(*) from rubis.user_mail where organization_id = %s and kind = 'click_mode_advice'",
            [cast.organization_id],
        )
        return count

    pairs = [cast.asked() for _ in range(2)]
    for _, hashed in pairs:
        cast.click(hashed, "paid")
    moves = [click("pending")(cast, *pair) for pair in pairs]
    met = race.meet(*moves)
    assert (met.first, met.second, met.waited) == ("confirm", "confirm", True)
    assert advised() == 1
    more = [cast.asked() for _ in range(6)]
    for _, hashed in more:
        cast.click(hashed, "paid")
    assert race.run([click("pending")(cast, *pair) for pair in more]) == ["confirm"] * 6
    assert advised() == 1


@pytest.mark.parametrize("taken_first", [True, False])
@pytest.mark.parametrize("taking", TAKING)
def test_the_question_that_follows(
    own_race: Race, database: Database, taking: str, *, taken_first: bool
) -> None:
    """Queued first, it keeps the answer that brought it about; taken back first, the tick passes it by."""
    with connected(database) as cast:
        invoice_id = cast.invoice(due_on="2031-01-31")
        cast.api("ask_checkin_again", invoice_id=invoice_id)
        hashed = cast.ask(invoice_id)
        assert cast.click(hashed, "pending") == "pending"
        assert cast.task(invoice_id)["status"] == "scheduled"
        cast.tick()  # the address is proven: no tick looks at the user's invoices any more
        database.admin.execute(
            "update rubis.checkin_task set next_attempt_at = rubis.clock() where status = 'scheduled'"
        )
        moves = [taking_back(taking, "pending")(cast, invoice_id, hashed), tick(cast, invoice_id, hashed)]
        met = own_race.meet(*(moves if taken_first else moves[::-1]))
        assert_consistent(cast, invoice_id)
        if taken_first:
            assert (met.first in ("confirm", "undone"), met.second["queued"], met.waited) == (True, 0, False)
            assert cast.task(invoice_id)["status"] == "sent"
        else:
            assert (met.first["queued"], met.waited) == (1, True)
            assert met.second in ("already_answered", "unchanged")
            assert cast.task(invoice_id)["status"] == "queued"


@pytest.mark.parametrize("taken_first", [True, False])
def test_a_letter_and_its_answer_undone(race: Race, arena: Database, *, taken_first: bool) -> None:
    """Undone first, the letter is held; begun first, it leaves."""
    with connected(arena) as cast:
        (invoice_id,) = ready(cast)
        hashed = arena.admin.value(
            "select token_hash from rubis.checkin_mail where organization_id = %s", [cast.organization_id]
        )
        moves = [undo(cast, invoice_id, hashed), begin(cast, invoice_id)]
        met = race.meet(*(moves if taken_first else moves[::-1]))
        assert met.waited
        assert_consistent(cast, invoice_id)
        relance = cast.relance(invoice_id)
        if taken_first:
            assert met.first == "undone"
            assert (met.second["skip_reason"], relance["status"]) == ("owner_being_asked", "held")
            assert letters(cast, invoice_id) == 0
        else:
            assert met.second == "undone"
            assert (met.first.get("skip_reason"), relance["status"]) == (None, "sending")
            assert letters(cast, invoice_id) == 1


@pytest.mark.parametrize("taken_first", [True, False])
def test_a_letter_and_its_answer_contradicted(race: Race, arena: Database, *, taken_first: bool) -> None:
    """Within the window no letter leaves, whoever comes first."""
    with connected(arena) as cast:
        (invoice_id,) = ready(cast)
        hashed = arena.admin.value(
            "select token_hash from rubis.checkin_mail where organization_id = %s", [cast.organization_id]
        )
        arena.clock.advance(seconds=-1)
        moves = [click("paid")(cast, invoice_id, hashed), begin(cast, invoice_id)]
        met = race.meet(*(moves if taken_first else moves[::-1]))
        assert (met.first if taken_first else met.second) == "confirm"
        assert (met.second if taken_first else met.first)["skip_reason"] is not None
        assert_consistent(cast, invoice_id)
        assert letters(cast, invoice_id) == 0


@pytest.mark.parametrize("taken_first", [True, False])
def test_a_receipt_that_is_being_sent(race: Race, cast: Cast, *, taken_first: bool) -> None:
    """Taken back first, the receipt is cancelled; begun first, it leaves, with nothing to undo any more."""
    invoice_id, hashed = cast.asked()
    cast.press(hashed, "paid")
    cast.tick()
    mail_id = cast.session.value(
        "select user_mail_id from rubis.user_mail where organization_id = %s and kind = 'answer_receipt'",
        [cast.organization_id],
    )
    token = bytes(range(32))[::-1] if taken_first else bytes(range(32))

    def begin(session: Session) -> object:
        return session.call(
            "worker.begin_user_mail",
            p_organization_id=cast.organization_id,
            p_user_mail_id=mail_id,
            p_token_hash=token,
        )

    moves = [undo(cast, invoice_id, hashed), ("rubis_worker", begin)]
    met = race.meet(*(moves if taken_first else moves[::-1]))
    assert_consistent(cast, invoice_id)
    if taken_first:
        assert met.first == "undone"
        assert met.second["skip_reason"] is not None
        assert cast.undo(token) == "invalid"
    else:
        assert met.second == "undone"
        assert cast.undo(token) == "unchanged"
