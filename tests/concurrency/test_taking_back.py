"""Answers taken back while others click, press, settle, change, tick and send: one state, no deadlock."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.concurrency.test_relances import begin, begin_latest, letters, ready
from tests.support.cast import Cast, Tally, connected
from tests.support.database import Database
from tests.support.letters import begin_notice
from tests.support.race import Move, Race, by, sqlstate
from tests.support.session import Session

ANSWERS = ["paid", "pending"]
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


def kept(status: str) -> dict[str, tuple[str, str]]:
    """The answer is not taken back, and the invoice has this status."""
    return {"the opposite link": ("already_answered", status), "the button undo": ("unchanged", status)}


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
    """It may be refused, as a paid invoice cannot be changed; then that is its result."""
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
    "the link paid": click("paid"),
    "the link pending": click("pending"),
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
}
SETTLES = {
    **dict.fromkeys(ACTS, "open"),
    **dict.fromkeys(["mark paid", "a DBA settles it", "paid in the app", "the button paid"], "paid"),
    "cancel": "cancelled",
}
"""The status of the invoice if this act comes after its answer was taken back."""

TAKING = {"the opposite link": "confirm", "the button undo": "undone"}
"""What takes an answer back, and what it leads to."""

TAKEN = {"the opposite link": ("confirm", "open"), "the button undo": ("undone", "open")}
MISTRUSTED = {"the opposite link": ("confirm", "open"), "the button undo": ("unchanged", "open")}
CONFIRMED = {"the opposite link": ("already_answered", "paid"), "the button undo": ("undone", "open")}
AFTER: dict[str, dict[str, dict[str, tuple[str, str]]]] = {
    "the link paid": {"paid": TAKEN, "pending": MISTRUSTED},
    "the link pending": {"paid": MISTRUSTED, "pending": TAKEN},
    "the button paid": {
        "paid": CONFIRMED,
        "pending": {"the opposite link": ("confirm", "paid"), "the button undo": ("undone", "open")},
    },
    "the button pending": {
        "paid": TAKEN,
        "pending": {"the opposite link": ("already_answered", "open"), "the button undo": ("undone", "open")},
    },
    "the button undo": {"paid": MISTRUSTED, "pending": MISTRUSTED},
    "mark paid": {"paid": TAKEN, "pending": kept("paid")},
    "cancel": {"paid": TAKEN, "pending": kept("cancelled")},
    "reopen": {"paid": kept("open"), "pending": TAKEN},
    "move the due date": {"paid": TAKEN, "pending": kept("open")},
    "ask again": {"paid": TAKEN, "pending": kept("open")},
    "paid in the app": {"paid": TAKEN, "pending": kept("paid")},
    "a DBA reopens it": {"paid": kept("open"), "pending": TAKEN},
    "a DBA settles it": {"paid": TAKEN, "pending": kept("paid")},
}
"""What taking the answer back leads to after this act, and the status of the invoice, by the answer."""


def taking_back(way: str, first: str) -> Act:
    """What takes the answer back."""
    return click(OPPOSITE[first]) if way == "the opposite link" else undo


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize("taking", TAKING)
@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_meets_an_answer_being_taken_back(
    race: Race, cast: Cast, first: str, taking: str, name: str
) -> None:
    """The act finds the answer taken back: the invoice is open unless the act settles it."""
    invoice_id, hashed = cast.asked()
    assert cast.click(hashed, first) == first
    met = race.meet(
        taking_back(taking, first)(cast, invoice_id, hashed), ACTS[name](cast, invoice_id, hashed)
    )
    assert (met.first, sqlstate(met.second)) == (TAKING[taking], None)
    assert assert_consistent(cast, invoice_id).status == SETTLES[name]


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize("taking", TAKING)
@pytest.mark.parametrize("name", ACTS)
def test_an_answer_taken_back_that_meets_an_act(
    race: Race, cast: Cast, first: str, taking: str, name: str
) -> None:
    """An answer is taken back only if the act before has left all as the answer left it."""
    invoice_id, hashed = cast.asked()
    assert cast.click(hashed, first) == first
    met = race.meet(
        refusable(ACTS[name](cast, invoice_id, hashed)), taking_back(taking, first)(cast, invoice_id, hashed)
    )
    assert (met.second, assert_consistent(cast, invoice_id).status) == AFTER[name][first][taking]


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize("taking", TAKING)
def test_a_tick_passes_by_an_answer_being_taken_back(race: Race, cast: Cast, first: str, taking: str) -> None:
    """A tick does not wait for an answer that is being taken back."""
    invoice_id, hashed = cast.asked()
    cast.click(hashed, first)
    met = race.meet(taking_back(taking, first)(cast, invoice_id, hashed), tick(cast, invoice_id, hashed))
    assert (met.first, sqlstate(met.second), met.waited) == (TAKING[taking], None, False)
    assert assert_consistent(cast, invoice_id).status == "open"


@pytest.mark.parametrize("first", ANSWERS)
@pytest.mark.parametrize("taking", TAKING)
def test_an_answer_taken_back_during_a_tick(race: Race, cast: Cast, first: str, taking: str) -> None:
    """A tick that comes first leaves the answer of an overdue invoice alone, so it is taken back."""
    invoice_id, hashed = cast.asked()
    cast.click(hashed, first)
    met = race.meet(tick(cast, invoice_id, hashed), taking_back(taking, first)(cast, invoice_id, hashed))
    assert met.second == TAKING[taking]
    assert assert_consistent(cast, invoice_id).status == "open"


Round = tuple[int, bytes, Counter[Any], Tally]


def three_waves(race: Race, cast: Cast, acts: list[Act]) -> list[Round]:
    """Do all acts at once on one check-in, three times; each returned outcome is the one recorded.

    Of a way, an answer and an outcome that changed nothing twenty rows are kept.
    """
    asked: list[tuple[int, bytes]] = []

    def move(act: Act) -> Move:
        def step(session: Session) -> object:
            return act(cast, *asked[-1])[1](session)

        return "rubis_api", step

    results = race.rounds([move(act) for act in acts], 3, lambda _: asked.append(cast.asked()))
    rounds: list[Round] = []
    for (invoice_id, hashed), outcomes in zip(asked, results, strict=True):
        assert [outcome for outcome in outcomes if not isinstance(outcome, str)] == []
        shown = Counter(outcomes)
        kept = Counter((row["via"], row["answer"], row["outcome"]) for row in cast.clicks(hashed))
        recorded: Counter[str] = Counter()
        for (_, _, outcome), count in kept.items():
            assert count <= 20
            recorded["confirm" if outcome == "contradicted" else outcome] += count
        assert recorded.keys() == shown.keys()
        assert all(recorded[outcome] == count or recorded[outcome] >= 20 for outcome, count in shown.items())
        rounds.append((invoice_id, hashed, shown, assert_consistent(cast, invoice_id)))
    return rounds


def test_fifty_links_at_once_contradict_each_other_once(race: Race, cast: Cast) -> None:
    """Of 50 opposing links one answers, one takes that back, and the page decides for the rest."""
    for invoice_id, hashed, seen, facts in three_waves(race, cast, [click("paid"), click("pending")] * 25):
        assert seen["paid"] + seen["pending"] == 1
        assert seen["confirm"] >= 25
        assert seen["confirm"] + seen["already_answered"] == 49
        assert (facts.status, facts.answered, facts.live_checkins) == ("open", 0, 1)
        assert cast.kinds(invoice_id).count("checkin_contradicted") == 1
        assert cast.press(hashed, "paid") == "paid"
        assert assert_consistent(cast, invoice_id).status == "paid"


def test_fifty_buttons_at_once_leave_the_last_answer(race: Race, cast: Cast) -> None:
    """Of 50 opposing buttons each answers, changes the answer or repeats it; one answer remains."""
    for _, _, seen, facts in three_waves(race, cast, [press("paid"), press("pending")] * 25):
        assert facts.answered == 1
        assert set(seen) <= {"paid", "pending", "already_answered"}
        assert abs(seen["paid"] - seen["pending"]) <= 1


@pytest.mark.parametrize(
    "acts",
    [
        [press("paid"), press("pending"), undo, press("paid"), press("pending")],
        [click("paid"), click("pending"), press("paid"), press("pending"), undo],
    ],
    ids=["buttons and undos", "links, buttons and undos"],
)
def test_fifty_clicks_and_undos_at_once_leave_one_state(race: Race, cast: Cast, acts: list[Act]) -> None:
    """After 50 clicks that undo each other the check-in is answered or open, never both or neither."""
    for _, _, _, facts in three_waves(race, cast, acts * 10):
        assert facts.answered + facts.live_checkins == 1


def test_two_contradictions_advise_once(race: Race, cast: Cast) -> None:
    """Two check-ins of an organization contradicted at once: one mail, and neither is overlooked."""

    def advised() -> int:
        count: int = cast.session.value(
            "select count(*) from rubis.mail where organization_id = %s and kind = 'click_mode_advice'",
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


def answered_early(cast: Cast, database: Database) -> tuple[int, bytes]:
    """An invoice answered pending before its due date; the question of that day is due."""
    invoice_id = cast.invoice(due_on="2031-01-31")
    cast.api("ask_checkin_again", invoice_id=invoice_id)
    hashed = cast.ask(invoice_id)
    assert cast.click(hashed, "pending") == "pending"
    assert cast.task(invoice_id)["status"] == "scheduled"
    cast.tick()  # the address is proven: no tick looks at the user's invoices any more
    database.admin.execute(
        "update rubis.checkin_task set scheduled_at = rubis.clock() where status = 'scheduled'"
    )
    return invoice_id, hashed


@pytest.mark.parametrize("taking", TAKING)
def test_a_tick_passes_by_the_question_of_an_answer_being_taken_back(
    own_race: Race, database: Database, taking: str
) -> None:
    """The question that an early answer scheduled is not mailed while that answer is taken back."""
    with connected(database) as cast:
        invoice_id, hashed = answered_early(cast, database)
        back = taking_back(taking, "pending")(cast, invoice_id, hashed)
        met = own_race.meet(back, tick(cast, invoice_id, hashed))
        assert (met.first, met.waited) == (TAKING[taking], False)
        assert_consistent(cast, invoice_id)
        assert cast.task(invoice_id)["status"] == "sent"


@pytest.mark.parametrize("taking", TAKING)
def test_a_question_being_mailed_keeps_the_answer_that_scheduled_it(
    own_race: Race, database: Database, taking: str
) -> None:
    """An early answer stays once the question that it scheduled is being mailed."""
    with connected(database) as cast:
        invoice_id, hashed = answered_early(cast, database)
        back = taking_back(taking, "pending")(cast, invoice_id, hashed)
        cast.tick()
        met = own_race.meet(by("rubis_worker", cast, lambda it: it.begin(invoice_id)), back)
        assert (met.first["skip_reason"], met.waited) == (None, True)
        assert met.second == kept("open")[taking][0]
        assert_consistent(cast, invoice_id)
        assert cast.task(invoice_id)["status"] == "sending"


def letter_ready(cast: Cast) -> tuple[int, bytes]:
    """An invoice answered pending whose letter may leave now, and the token of its check-in mail."""
    (invoice_id,) = ready(cast)
    (mail,) = cast.mails(invoice_id)
    return invoice_id, mail["token_hash"]


def test_a_letter_waits_for_its_answer_being_undone(race: Race, arena: Database) -> None:
    """A letter whose answer is being undone waits a second; then its relance is planned for later."""
    with connected(arena) as cast:
        invoice_id, hashed = letter_ready(cast)
        met = race.meet(undo(cast, invoice_id, hashed), begin(cast, invoice_id))
        assert (met.first, met.second["skip_reason"], met.waited) == ("undone", "an invoice is locked", False)
        cast.clock.advance(seconds=2)
        cast.tick()
        assert begin_latest(cast, invoice_id)["skip_reason"] == "no relance is due"
        assert_consistent(cast, invoice_id)
        assert (cast.relance(invoice_id)["status"], letters(cast, invoice_id)) == ("scheduled", 0)


def test_a_letter_that_began_leaves_though_its_answer_is_undone(race: Race, arena: Database) -> None:
    """A letter that began before its answer is undone leaves."""
    with connected(arena) as cast:
        invoice_id, hashed = letter_ready(cast)
        met = race.meet(begin(cast, invoice_id), undo(cast, invoice_id, hashed))
        assert (met.first.get("skip_reason"), met.second, met.waited) == (None, "undone", True)
        assert_consistent(cast, invoice_id)
        assert (cast.relance(invoice_id)["status"], letters(cast, invoice_id)) == ("sending", 1)


def test_a_letter_waits_for_its_answer_being_contradicted(race: Race, arena: Database) -> None:
    """A letter does not leave if its answer is contradicted before it begins."""
    with connected(arena) as cast:
        invoice_id, hashed = letter_ready(cast)
        arena.clock.advance(seconds=-1)
        met = race.meet(click("paid")(cast, invoice_id, hashed), begin(cast, invoice_id))
        assert met.first == "confirm"
        assert met.second["skip_reason"] is not None
        assert_consistent(cast, invoice_id)
        assert letters(cast, invoice_id) == 0


def test_a_letter_does_not_begin_while_its_answer_may_be_contradicted(race: Race, arena: Database) -> None:
    """A letter does not leave within the seconds in which its answer can be contradicted."""
    with connected(arena) as cast:
        invoice_id, hashed = letter_ready(cast)
        arena.clock.advance(seconds=-1)
        met = race.meet(begin(cast, invoice_id), click("paid")(cast, invoice_id, hashed))
        assert met.first["skip_reason"] is not None
        assert met.second == "confirm"
        assert_consistent(cast, invoice_id)
        assert letters(cast, invoice_id) == 0


def paid_by_button(cast: Cast) -> tuple[int, bytes, Move]:
    """A paid invoice, its check-in's token, and the move that begins to send the receipt."""
    invoice_id, hashed = cast.asked()
    cast.press(hashed, "paid")
    cast.tick()
    return invoice_id, hashed, by("rubis_worker", cast, lambda it: begin_notice(it, "receipts"))


def test_a_receipt_of_an_answer_being_undone_does_not_leave(race: Race, cast: Cast) -> None:
    """A receipt whose answer is undone before it begins is cancelled."""
    invoice_id, hashed, begin_receipt = paid_by_button(cast)
    met = race.meet(undo(cast, invoice_id, hashed), begin_receipt)
    assert_consistent(cast, invoice_id)
    assert met.first == "undone"
    assert met.second["skip_reason"] is not None
    cast.clock.advance(seconds=2)
    cast.tick()
    assert begin_notice(cast, "receipts")["skip_reason"] is not None
    assert cast.receipts(invoice_id) == []


def test_a_receipt_that_began_leaves_though_its_answer_is_undone(race: Race, cast: Cast) -> None:
    """A receipt that began before its answer is undone leaves, and finds nothing to undo."""
    invoice_id, hashed, begin_receipt = paid_by_button(cast)
    met = race.meet(begin_receipt, undo(cast, invoice_id, hashed))
    assert_consistent(cast, invoice_id)
    assert (met.first["skip_reason"], met.second) == (None, "undone")
    assert cast.undo(met.first["token"]) == "unchanged"
