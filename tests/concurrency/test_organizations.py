"""A changed time zone moves the whole schedule while clicks, settlements, ticks and new invoices go on."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.support.database import Database
from tests.support.flow import Facts, Flow
from tests.support.race import Move, Race, sqlstate
from tests.support.session import Session

SETTLED_BY_CLICK = Facts(status="paid", paid_events=1, rubis=1, answered=1, live_checkins=0, relances_ahead=0)
PAID = Facts(status="paid", paid_events=1, rubis=1, answered=0, live_checkins=0, relances_ahead=0)
DUE = {"p_issued_on": "2031-01-02", "p_due_on": "2031-01-31"}
IN_PARIS = datetime(2031, 1, 31, 8, tzinfo=UTC)
IN_TOKYO = datetime(2031, 1, 31, 0, tzinfo=UTC)
_ROUNDS = 12


def change_zone(flow: Flow, time_zone: str = "Asia/Tokyo") -> Move:
    """The user moves to another time zone."""
    return "rubis_api", lambda session: session.call(
        "api.update_organization",
        p_access_token_hash=flow.access,
        p_changes=f'{{"time_zone": "{time_zone}"}}',
    )


def mark_paid(flow: Flow, invoice_id: int) -> Move:
    """The user settles an invoice."""
    return "rubis_api", lambda session: session.call(
        "api.mark_invoice_paid", p_access_token_hash=flow.access, p_invoice_id=invoice_id
    )


@pytest.mark.parametrize("zone_first", [True, False])
@pytest.mark.parametrize("answer", ["paid", "pending"])
def test_a_zone_change_and_a_click(race: Race, flow: Flow, answer: str, *, zone_first: bool) -> None:
    """One waits for the other, and both have their effect."""
    invoice_id, hashed = flow.asked()
    later = flow.issue(**DUE)
    moves: list[Move] = [
        change_zone(flow),
        ("rubis_api", lambda session: flow.answer(hashed, answer, session)),
    ]
    met = race.meet(*(moves if zone_first else moves[::-1]))
    assert met.waited
    assert (met.second if zone_first else met.first) == answer
    assert flow.task(later)["scheduled_at"] == IN_TOKYO
    assert flow.facts(invoice_id).answered == 1
    assert flow.facts(invoice_id).rubis == int(answer == "paid")


@pytest.mark.parametrize("zone_first", [True, False])
def test_a_zone_change_and_a_settlement(race: Race, flow: Flow, *, zone_first: bool) -> None:
    """A settled invoice stays settled, and the others move."""
    invoice_id, later = flow.issue(**DUE), flow.issue(**DUE)
    moves = [change_zone(flow), mark_paid(flow, invoice_id)]
    met = race.meet(*(moves if zone_first else moves[::-1]))
    assert met.waited
    assert (sqlstate(met.first), sqlstate(met.second)) == (None, None)
    assert flow.facts(invoice_id) == PAID
    assert flow.task(later)["scheduled_at"] == IN_TOKYO


@pytest.mark.parametrize("zone_first", [True, False])
def test_a_zone_change_and_a_moved_due_date(race: Race, flow: Flow, *, zone_first: bool) -> None:
    """The check-in is asked on the new date, in the new zone."""
    invoice_id = flow.issue(**DUE)
    move_date: Move = (
        "rubis_api",
        lambda session: session.call(
            "api.update_invoice",
            p_access_token_hash=flow.access,
            p_invoice_id=invoice_id,
            p_changes='{"due_on": "2031-02-28"}',
        ),
    )
    moves = [change_zone(flow), move_date]
    assert race.meet(*(moves if zone_first else moves[::-1])).waited
    assert flow.task(invoice_id)["scheduled_at"] == datetime(2031, 2, 28, 0, tzinfo=UTC)
    assert flow.facts(invoice_id) == Facts("open", 0, 0, 0, 1, 1)


@pytest.mark.parametrize("zone_first", [True, False])
def test_a_zone_change_and_a_new_invoice(race: Race, flow: Flow, *, zone_first: bool) -> None:
    """An invoice issued while the zone changes is asked about in the new zone."""
    issued: list[int] = []

    def issue(session: Session) -> None:
        issued.append(flow.issue_as(session, **DUE))

    moves: list[Move] = [change_zone(flow), ("rubis_api", issue)]
    race.meet(*(moves if zone_first else moves[::-1]))
    assert flow.task(issued[0])["scheduled_at"] == IN_TOKYO


def test_a_storm_around_a_zone_change(race: Race, flow: Flow) -> None:
    """Zone changes, clicks and settlements at full speed: no deadlock, and each invoice is settled once."""
    invoices: list[tuple[tuple[int, bytes], int]] = []

    def prepare(_round: int) -> None:
        for _ in range(3):
            flow.issue(**DUE)
        invoices.append((flow.asked(), flow.issue(**DUE)))

    def settle(session: Session) -> object:
        return mark_paid(flow, invoices[-1][1])[1](session)

    moves: list[Move] = [
        change_zone(flow, "Asia/Tokyo"),
        change_zone(flow, "Europe/Paris"),
        ("rubis_api", lambda session: flow.answer(invoices[-1][0][1], "paid", session)),
        ("rubis_api", settle),
    ]
    results = race.rounds(moves, _ROUNDS, prepare)
    assert {sqlstate(result) for results_of_round in results for result in results_of_round} == {None}
    assert [clicked for _, _, clicked, _ in results] == ["paid"] * _ROUNDS
    for (asked, _), marked in invoices:
        assert flow.facts(asked) == SETTLED_BY_CLICK
        assert flow.facts(marked) == PAID
    zone = flow.database.admin.value(
        "select time_zone from rubis.organization where organization_id = %s", [flow.organization_id]
    )
    moments = flow.database.admin.rows(
        """select distinct t.scheduled_at from rubis.checkin_task as t
            where t.organization_id = %s and t.status = 'scheduled'""",
        [flow.organization_id],
    )
    assert [row["scheduled_at"] for row in moments] == [IN_TOKYO if zone == "Asia/Tokyo" else IN_PARIS]


class TestTicks:
    """A clock looks at every organization, so these have a database of their own."""

    @pytest.fixture
    def flow(self, database: Database) -> Iterator[Flow]:
        with Flow(database) as flow:
            yield flow

    def test_a_check_in_queued_while_the_zone_changes(self, own_race: Race, flow: Flow) -> None:
        """A check-in that a tick queues while the zone changes goes its way, and the others move."""
        held, passing, later = flow.issue(**DUE), flow.issue(**DUE), flow.issue(**DUE)
        flow.database.clock.set("2031-01-31 08:59:30 Europe/Paris")
        move_later = "update rubis.invoice set due_on = '2031-02-28' where invoice_id = %s"
        flow.database.admin.execute(move_later, [later])
        ticked: list[int] = []

        def time_goes_on(_: Session) -> None:
            flow.database.clock.advance(minutes=1)
            ticked.append(flow.tick()["queued"])

        # A DBA looks at one check-in; the zone change has read both and waits for that one.
        met = own_race.meet(
            (
                "rubis_owner",
                lambda session: session.execute(
                    "select from rubis.checkin_task where invoice_id = %s for no key update", [held]
                ),
            ),
            change_zone(flow),
            meanwhile=time_goes_on,
        )
        assert met.waited
        assert ticked == [1]
        assert sqlstate(met.second) is None, met.second
        assert flow.task(passing)["status"] == "queued"
        assert flow.task(later)["scheduled_at"] == datetime(2031, 2, 28, 0, tzinfo=UTC)

    def test_a_zone_change_while_a_tick_queues(self, own_race: Race, flow: Flow) -> None:
        """What a tick has taken does not move any more."""
        invoice_id = flow.issue(**DUE)
        flow.database.clock.set("2031-01-31 09:00:01 Europe/Paris")
        tick: Move = "rubis_worker", lambda session: session.call("worker.tick", p_worker="one", p_limit=500)
        met = own_race.meet(tick, change_zone(flow))
        assert met.first["queued"] == 1
        assert sqlstate(met.second) is None
        assert flow.task(invoice_id)["status"] == "queued"
