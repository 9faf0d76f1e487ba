"""A changed time zone moves the whole schedule while clicks, settlements, ticks and new invoices go on."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.support.cast import Cast, Tally, connected
from tests.support.database import Database
from tests.support.race import Move, Race, by, sqlstate
from tests.support.session import Session

SETTLED_BY_CLICK = Tally(status="paid", paid_events=1, rubis=1, answered=1, live_checkins=0, relances_ahead=0)
PAID = Tally(status="paid", paid_events=1, rubis=1, answered=0, live_checkins=0, relances_ahead=0)
DUE = {"issued_on": "2031-01-02", "due_on": "2031-01-31"}
IN_PARIS = datetime(2031, 1, 31, 8, tzinfo=UTC)
IN_TOKYO = datetime(2031, 1, 31, 0, tzinfo=UTC)
DUE_IN = {"Europe/Paris": IN_PARIS, "Asia/Tokyo": IN_TOKYO}
_ROUNDS = 12


def change_zone(cast: Cast, time_zone: str = "Asia/Tokyo") -> Move:
    """The user moves to another time zone."""
    return by(
        "rubis_api", cast, lambda it: it.api("update_organization", changes=it.json({"time_zone": time_zone}))
    )


def mark_paid(cast: Cast, invoice_id: int) -> Move:
    """The user settles an invoice."""
    return by("rubis_api", cast, lambda it: it.api("mark_invoice_paid", invoice_id=invoice_id))


@pytest.mark.parametrize("zone_first", [True, False])
@pytest.mark.parametrize(("answer", "rubis"), [("paid", 1), ("pending", 0)])
def test_a_zone_change_and_a_click(
    race: Race, cast: Cast, answer: str, rubis: int, *, zone_first: bool
) -> None:
    """A click and a zone change need not wait for each other, and both have their effect."""
    invoice_id, hashed = cast.asked()
    later = cast.invoice(**DUE)
    moves: list[Move] = [
        change_zone(cast),
        by("rubis_api", cast, lambda it: it.click(hashed, answer)),
    ]
    met = race.meet(*(moves if zone_first else moves[::-1]))
    assert not met.waited
    assert (met.second if zone_first else met.first) == answer
    cast.plan_again()
    assert cast.task(later)["scheduled_at"] == IN_TOKYO
    assert (cast.tally(invoice_id).answered, cast.tally(invoice_id).rubis) == (1, rubis)


@pytest.mark.parametrize("zone_first", [True, False])
def test_a_zone_change_and_a_settlement(race: Race, cast: Cast, *, zone_first: bool) -> None:
    """Whichever comes first, a settled invoice stays settled, and the others move."""
    invoice_id, later = cast.invoice(**DUE), cast.invoice(**DUE)
    moves = [change_zone(cast), mark_paid(cast, invoice_id)]
    met = race.meet(*(moves if zone_first else moves[::-1]))
    assert not met.waited
    assert (sqlstate(met.first), sqlstate(met.second)) == (None, None)
    assert cast.tally(invoice_id) == PAID
    cast.plan_again()
    assert cast.task(later)["scheduled_at"] == IN_TOKYO


@pytest.mark.parametrize("zone_first", [True, False])
def test_a_zone_change_and_a_moved_due_date(race: Race, cast: Cast, *, zone_first: bool) -> None:
    """Whichever comes first, the check-in is asked on the new date, in the new zone."""
    invoice_id = cast.invoice(**DUE)
    move_date: Move = by(
        "rubis_api",
        cast,
        lambda it: it.api("update_invoice", invoice_id=invoice_id, changes='{"due_on": "2031-02-28"}'),
    )
    moves = [change_zone(cast), move_date]
    race.meet(*(moves if zone_first else moves[::-1]))
    cast.plan_again()
    assert cast.task(invoice_id)["scheduled_at"] == datetime(2031, 2, 28, 0, tzinfo=UTC)
    assert cast.tally(invoice_id) == Tally("open", 0, 0, 0, 1, 1)


@pytest.mark.parametrize("zone_first", [True, False])
def test_a_zone_change_and_a_new_invoice(race: Race, cast: Cast, *, zone_first: bool) -> None:
    """An invoice issued while the zone changes is asked about in the new zone."""
    issued: list[int] = []

    def issue(session: Session) -> None:
        issued.append(cast.over(session).invoice(**DUE))

    moves: list[Move] = [change_zone(cast), ("rubis_api", issue)]
    race.meet(*(moves if zone_first else moves[::-1]))
    cast.plan_again()
    assert cast.task(issued[0])["scheduled_at"] == IN_TOKYO


def test_a_storm_around_a_zone_change(race: Race, cast: Cast) -> None:
    """Zone changes, clicks and settlements at full speed: no deadlock, and each invoice is settled once."""
    invoices: list[tuple[tuple[int, bytes], int]] = []

    def prepare(_round: int) -> None:
        for _ in range(3):
            cast.invoice(**DUE)
        invoices.append((cast.asked(), cast.invoice(**DUE)))

    def settle(session: Session) -> object:
        return mark_paid(cast, invoices[-1][1])[1](session)

    moves: list[Move] = [
        change_zone(cast, "Asia/Tokyo"),
        change_zone(cast, "Europe/Paris"),
        by("rubis_api", cast, lambda it: it.click(invoices[-1][0][1], "paid")),
        ("rubis_api", settle),
    ]
    results = race.rounds(moves, _ROUNDS, prepare)
    assert {sqlstate(result) for results_of_round in results for result in results_of_round} == {None}
    assert [clicked for _, _, clicked, _ in results] == ["paid"] * _ROUNDS
    for (asked, _), marked in invoices:
        assert cast.tally(asked) == SETTLED_BY_CLICK
        assert cast.tally(marked) == PAID
    cast.plan_again()
    zone = cast.session.value(
        "select time_zone from rubis.organization where organization_id = %s", [cast.organization_id]
    )
    moments = cast.session.rows(
        """select distinct t.scheduled_at from rubis.checkin_task as t
            where t.organization_id = %s and t.status = 'scheduled'""",
        [cast.organization_id],
    )
    assert [row["scheduled_at"] for row in moments] == [DUE_IN[zone]]


class TestTicks:
    """A clock looks at every organization, so these have a database of their own."""

    @pytest.fixture
    def cast(self, database: Database) -> Iterator[Cast]:
        with connected(database) as cast:
            yield cast

    def test_a_zone_change_while_a_tick_queues(self, own_race: Race, cast: Cast) -> None:
        """A check-in that was due when the zone changed keeps its moment, and the others move."""
        invoice_id, later = cast.invoice(**DUE), cast.invoice(**DUE)
        cast.session.execute("update rubis.invoice set due_on = '2031-02-28' where invoice_id = %s", [later])
        cast.clock.set("2031-01-31 09:00:01 Europe/Paris")
        met = own_race.meet(by("rubis_worker", cast, lambda it: it.tick(name="one")), change_zone(cast))
        assert (met.first["queued"], met.waited) == (1, False)
        assert sqlstate(met.second) is None
        cast.plan_again()
        assert cast.task(invoice_id)["scheduled_at"] == IN_PARIS
        assert cast.task(later)["scheduled_at"] == datetime(2031, 2, 28, 0, tzinfo=UTC)
        begun = cast.begin(invoice_id)
        assert (begun["skip_reason"], len(begun["items"])) == (None, 1)
