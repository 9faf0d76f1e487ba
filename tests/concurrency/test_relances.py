"""Relances that meet what users and other workers do: one effect, no deadlock, in either order."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.support.cast import AHEAD, Cast, connected
from tests.support.letters import begin_letter, fail_letter, finish_letter, proven
from tests.support.race import Move, Race, by, sqlstate
from tests.support.session import Session

MONDAY = "2026-03-09 10:00 Europe/Paris"
FACTS = {"issued_on": "2026-02-02", "due_on": "2026-02-20"}


@pytest.fixture
def cast(own_race: Race) -> Cast:
    """An organization of the test's own, in a database of its own: ticks look at all."""
    return connected(own_race.database)


def ready(cast: Cast, count: int = 1) -> list[int]:
    """Invoices of one client whose relance is queued, time standing on a Monday; their ids."""
    cast.clock.set(MONDAY)
    proven(cast)
    for year in (2026, 2027):
        cast.worker("put_holidays", calendar="FR", year=year, holidays=cast.json([]))
    invoices = [cast.asked(**FACTS) for _ in range(count)]
    for _, token in invoices:
        cast.click(token, "pending")
    cast.clock.advance(minutes=1)  # until then the other link would take it back
    cast.session.execute(
        "update rubis.relance"
        " set scheduled_at = rubis.clock() - interval '1 hour', next_look_at = rubis.clock()"
        " where status = 'scheduled'"
    )
    cast.tick()
    return [invoice_id for invoice_id, _ in invoices]


def relances(cast: Cast, invoice_id: int) -> list[tuple[int, str]]:
    """Step and status of each, the oldest first."""
    return [(row["step"], row["status"]) for row in cast.rows("relance", invoice_id)]


def letters(cast: Cast, invoice_id: int) -> int:
    """How many were attempted."""
    return len(cast.letters(invoice_id))


def begin_latest(cast: Cast, invoice_id: int) -> dict[str, Any]:
    """Begin to send the latest relance."""
    return begin_letter(cast, invoice_id)


def begin(cast: Cast, invoice_id: int) -> Move:
    """A worker that begins to send it."""
    return by("rubis_worker", cast, lambda it: begin_latest(it, invoice_id))


def finish(cast: Cast, begun: dict[str, Any]) -> Move:
    """A worker whose letter was accepted."""
    return by("rubis_worker", cast, lambda it: finish_letter(it, begun))


def fail(cast: Cast, begun: dict[str, Any], failure_class: str) -> Move:
    """A worker whose letter was not."""
    return by("rubis_worker", cast, lambda it: fail_letter(it, begun, failure_class))


def tick(cast: Cast, name: str = "another worker") -> Move:
    """One turn of another worker's clock."""
    return by("rubis_worker", cast, lambda it: it.tick(name=name))


def api(cast: Cast, function: str, **params: Any) -> Move:
    """What the user does."""
    return by("rubis_api", cast, lambda it: it.api(function, **params))


def client_id(cast: Cast, invoice_id: int) -> int:
    """Whose invoice it is."""
    found: int = cast.row(invoice_id)["client_id"]
    return found


def change_plan(cast: Cast, *days: int) -> Move:
    """The user gives another default plan."""
    steps = Jsonb([{"days_after_due": day, "tone": "firm"} for day in days])
    return api(cast, "put_relance_plan", relance_plan_id=None, name=None, steps=steps)


STOPS: dict[str, Callable[[Cast, int], Move]] = {
    "pay": lambda cast, i: api(cast, "mark_invoice_paid", invoice_id=i),
    "cancel": lambda cast, i: api(cast, "cancel_invoice", invoice_id=i),
    "pause": lambda cast, i: api(cast, "pause_invoice", invoice_id=i, until="2026-04-01", reason="promised"),
    "pause the client": lambda cast, i: api(
        cast, "pause_client", client_id=client_id(cast, i), until="2026-04-01", reason="promised"
    ),
    "exclude the client": lambda cast, i: api(
        cast, "update_client", client_id=client_id(cast, i), changes=Jsonb({"relances_off": True})
    ),
    "take the address away": lambda cast, i: api(
        cast, "update_client", client_id=client_id(cast, i), changes=Jsonb({"email": None})
    ),
    "ask again": lambda cast, i: api(cast, "ask_checkin_again", invoice_id=i),
    "move the due date": lambda cast, i: api(
        cast, "update_invoice", invoice_id=i, changes=Jsonb({"due_on": "2026-03-20"})
    ),
}


AFTER_STEP_1: dict[str, list[tuple[int, str]]] = {
    **{key: [(2, "scheduled")] for key in STOPS},
    "pay": [],
    "cancel": [],
    "move the due date": [(1, "scheduled")],
}
"""What is ahead once the letter of step 1 has left all the same: a new term begins the plan again."""


@pytest.mark.parametrize("name", STOPS)
def test_a_relance_stopped_first_is_not_sent(own_race: Race, cast: Cast, name: str) -> None:
    """The worker passes it by, sees it under lock a second later, and sends nothing."""
    (invoice_id,) = ready(cast)
    met = own_race.meet(STOPS[name](cast, invoice_id), begin(cast, invoice_id))
    assert met.second["skip_reason"] is not None, met.second
    cast.clock.advance(seconds=2)
    cast.tick()
    assert begin_latest(cast, invoice_id)["skip_reason"] is not None
    assert letters(cast, invoice_id) == 0


@pytest.mark.parametrize("name", STOPS)
def test_a_relance_stopped_too_late_leaves_once(own_race: Race, cast: Cast, name: str) -> None:
    """The letter is on its way and cannot be called back; afterwards nothing is ahead that must not be."""
    (invoice_id,) = ready(cast)
    met = own_race.meet(begin(cast, invoice_id), STOPS[name](cast, invoice_id))
    assert met.waited
    assert sqlstate(met.second) is None
    own_race.run([finish(cast, met.first)])
    assert relances(cast, invoice_id) == [(1, "sent"), *AFTER_STEP_1[name]]


def test_two_workers_one_letter(own_race: Race, cast: Cast) -> None:
    """Of two workers that begin one letter, the second finds it taken."""
    (invoice_id,) = ready(cast)
    met = own_race.meet(begin(cast, invoice_id), begin(cast, invoice_id))
    assert met.second["skip_reason"] is not None
    assert letters(cast, invoice_id) == 1


@pytest.mark.parametrize("first", ["finish", "pay"])
def test_a_letter_recorded_while_its_invoice_is_paid(own_race: Race, cast: Cast, first: str) -> None:
    """Whichever comes first: sent, paid, and no further step ahead."""
    (invoice_id,) = ready(cast)
    begun = begin_latest(cast, invoice_id)
    moves = [finish(cast, begun), STOPS["pay"](cast, invoice_id)]
    own_race.meet(*(moves if first == "finish" else reversed(moves)))
    assert [status for _, status in relances(cast, invoice_id) if status in AHEAD] == []
    assert relances(cast, invoice_id)[0] == (1, "sent")


@pytest.mark.parametrize("failure_class", ["temporary", "operator", "unknown", "refused"])
@pytest.mark.parametrize("first", ["fail", "pay"])
def test_a_letter_that_fails_while_its_invoice_is_paid(
    own_race: Race, cast: Cast, failure_class: str, first: str
) -> None:
    """Nothing is tried again for an invoice that is paid, and nothing of it waits."""
    (invoice_id,) = ready(cast)
    begun = begin_latest(cast, invoice_id)
    moves = [fail(cast, begun, failure_class), STOPS["pay"](cast, invoice_id)]
    own_race.meet(*(moves if first == "fail" else reversed(moves)))
    assert relances(cast, invoice_id) == [(1, "cancelled")]


@pytest.mark.parametrize("first", ["tick", "pay"])
def test_a_lease_that_ran_out_and_pay(own_race: Race, cast: Cast, first: str) -> None:
    """A tick and a payment at once: not unconfirmed on a paid invoice."""
    (invoice_id,) = ready(cast)
    begin_latest(cast, invoice_id)
    cast.clock.advance(minutes=4)
    moves = [tick(cast), STOPS["pay"](cast, invoice_id)]
    own_race.meet(*(moves if first == "tick" else reversed(moves)))
    cast.tick()
    assert relances(cast, invoice_id) == [(1, "cancelled")]


@pytest.mark.parametrize(
    "name", ["pay", "pause", "pause the client", "resume the client", "change the plan", "change the zone"]
)
@pytest.mark.parametrize("first", ["refused", "other"])
def test_a_refused_address_and_another_invoice(own_race: Race, cast: Cast, name: str, first: str) -> None:
    """The client is paused once, by locks in the one order."""
    one, other = ready(cast, 2)
    begun = begin_latest(cast, other)
    others = STOPS | {
        "resume the client": lambda cast, i: api(cast, "resume_client", client_id=client_id(cast, i)),
        "change the plan": lambda cast, _: change_plan(cast, 4, 8),
        "change the zone": lambda cast, _: api(
            cast, "update_organization", changes=Jsonb({"time_zone": "America/New_York"})
        ),
    }
    moves = [fail(cast, begun, "refused"), others[name](cast, one)]
    met = own_race.meet(*(moves if first == "refused" else reversed(moves)))
    assert sqlstate(met.second) is None
    assert relances(cast, other)[0] == (1, "cancelled")


@pytest.mark.parametrize("first", ["plan", "other"])
@pytest.mark.parametrize("name", ["begin", "pay", "tick"])
def test_a_plan_changed_at_once_with_another_act_leaves_one_ahead(
    own_race: Race, cast: Cast, name: str, first: str
) -> None:
    """A plan that changes during another act leaves at most one relance ahead, and what is queued stays."""
    (invoice_id,) = ready(cast)
    others = {
        "begin": begin(cast, invoice_id),
        "pay": STOPS["pay"](cast, invoice_id),
        "tick": tick(cast),
    }
    moves = [change_plan(cast, 5, 9), others[name]]
    met = own_race.meet(*(moves if first == "plan" else reversed(moves)))
    assert sqlstate(met.second) is None
    assert len([status for _, status in relances(cast, invoice_id) if status in AHEAD]) <= 1


@pytest.mark.parametrize("first", ["tick", "click"])
def test_a_tick_that_releases_relances_meets_a_click(own_race: Race, cast: Cast, first: str) -> None:
    """A tick lets go what waited for the address while a click comes in: neither waits in a circle."""
    invoice_id, token = cast.asked(**FACTS)
    cast.session.execute(
        "update rubis.relance set status = 'held', hold_reason = 'address_unproven', next_look_at = null"
    )
    cast.session.execute("update rubis.app_user set email_proven_at = rubis.clock(), release_due = true")
    moves: list[Move] = [
        tick(cast),
        by("rubis_api", cast, lambda it: it.click(token, "pending")),
    ]
    own_race.meet(*(moves if first == "tick" else reversed(moves)))
    cast.clock.advance(seconds=2)  # what a tick could not do is due again in a second
    cast.tick()
    assert cast.relance(invoice_id)["status"] == "scheduled"
    assert cast.session.value("select bool_or(release_due) from rubis.app_user") is False


def test_a_hold_is_not_set_behind_its_lifting(own_race: Race, cast: Cast) -> None:
    """A tick that comes while the answer is being written does not hold what the answer lets go."""
    invoice_id, token = cast.asked(**FACTS)
    cast.session.execute("update rubis.app_user set email_proven_at = rubis.clock()")
    cast.session.execute(
        "update rubis.relance set scheduled_at = rubis.clock(), next_look_at = rubis.clock()"
    )
    met = own_race.meet(by("rubis_api", cast, lambda it: it.click(token, "pending")), tick(cast))
    assert not met.waited
    cast.tick()
    assert cast.relance(invoice_id)["status"] != "held"


def test_two_ticks_tell_an_outage_once(own_race: Race, cast: Cast) -> None:
    """Two workers come back at the same moment: one notice."""
    cast.tick()
    cast.invoice()
    cast.clock.advance(minutes=30)
    own_race.run([tick(cast, "a"), tick(cast, "b"), tick(cast, "c")])
    assert cast.session.value("select count(*) from rubis.outage") == 1
    assert cast.session.value("select count(*) from rubis.mail where kind = 'late_notice'") == 1


def test_a_storm_around_relances(own_race: Race, cast: Cast) -> None:
    """All of it at once, again and again: no deadlock, and the rules hold after each round."""
    invoices = ready(cast, 4)
    client = client_id(cast, invoices[0])

    def letter(fate: str) -> Move:
        def send(session: Session) -> None:
            for invoice_id in invoices:
                begun = begin_latest(cast.over(session), invoice_id)
                if begun["skip_reason"] is None:
                    move = finish(cast, begun) if fate == "accepted" else fail(cast, begun, fate)
                    move[1](session)

        return "rubis_worker", send

    def prepare(number: int) -> None:
        cast.clock.advance(hours=[1, 25, 73][number % 3])
        cast.session.execute(
            "update rubis.client set paused_until = null, pause_reason = null where paused_until is not null"
        )
        cast.session.execute(
            "update rubis.invoice set status = 'open' where status = 'paid' and invoice_id = %s",
            [invoices[number % 4]],
        )
        cast.session.execute(
            "update rubis.relance"
            " set scheduled_at = rubis.clock() - interval '1 hour', next_look_at = rubis.clock()"
            " where status = 'scheduled'"
        )

    moves = [
        tick(cast, "a"),
        tick(cast, "b"),
        letter("accepted"),
        letter("refused"),
        letter("temporary"),
        change_plan(cast, 2, 5, 9, 14, 20),
        api(cast, "mark_invoice_paid", invoice_id=invoices[1]),
        api(cast, "pause_invoice", invoice_id=invoices[2], until="2099-01-01", reason=None),
        api(cast, "resume_invoice", invoice_id=invoices[2]),
        api(cast, "pause_client", client_id=client, until="2099-01-01", reason=None),
        api(cast, "resume_client", client_id=client),
        api(cast, "update_organization", changes=Jsonb({"relance_time": "11:00"})),
        api(cast, "update_organization", changes=Jsonb({"relance_time": "09:00"})),
        api(cast, "answer_invoice_checkin", invoice_id=invoices[3], answer="pending"),
        api(cast, "ask_checkin_again", invoice_id=invoices[0]),
    ]
    for results in own_race.rounds(moves, 25, prepare):
        assert {sqlstate(result) for result in results} <= {None, "RB409"}
    cast.clock.advance(minutes=20)
    cast.tick()
    rules = "relance_ahead_invoice_open relance_spacing relance_owner_asked held_relance_waits one_live_task"
    for rule in rules.split():
        assert cast.session.rows(f"select * from audit.rule_{rule}") == [], rule
