"""Many invoices are issued by one statement."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.support.cast import Cast

FACTS = ("client_id", "user_id", "number", "issued_on", "due_on", "amount_cents")
"""What a statement says of each invoice, besides its organization."""


def issue(cast: Cast, rows: list[dict[str, Any]]) -> list[int]:
    """INSERT all in one statement; their ids, in the order of the rows."""
    names = ("organization_id", *FACTS)
    row = ", ".join(f"%({{0}}_{name})s" for name in names)
    values = ", ".join(f"({row.format(place)})" for place in range(len(rows)))
    params = {f"{place}_{name}": given[name] for place, given in enumerate(rows) for name in names}
    issued = cast.dba(
        f"insert into rubis.invoice ({', '.join(names)}) values {values} returning invoice_id", **params
    )
    return [row["invoice_id"] for row in issued]


def row(cast: Cast, client_id: int, number: int, due_on: date) -> dict[str, Any]:
    """An invoice of the cast's organization."""
    return {
        "organization_id": cast.organization_id,
        "client_id": client_id,
        "user_id": cast.user_id,
        "number": f"M-{number:04}",
        "issued_on": date(2026, 1, 2),
        "due_on": due_on,
        "amount_cents": 100,
    }


def clients(cast: Cast) -> list[int]:
    """A client that follows the default plan, one with a plan of its own, one whose plan has no step."""
    ids = [cast.client(f"Client {name}") for name in ("default", "own", "none")]
    steps = [[{"days_after_due": 7, "tone": "firm"}, {"days_after_due": 9, "tone": "firm"}], []]
    for client_id, plan in zip(ids[1:], steps, strict=True):
        made = cast.api("create_relance_plan", name=f"Plan {client_id}", steps=cast.json(plan))
        cast.dba(
            "update rubis.client set relance_plan_id = %s where organization_id = %s and client_id = %s",
            *(made["relance_plan_id"], cast.organization_id, client_id),
        )
    return ids


def test_each_of_many_invoices_has_what_it_would_have_alone(cast: Cast) -> None:
    """Of several organizations, plans and due dates, mixed: each as if issued by a statement of its own."""
    tokyo = Cast(cast.line, time_zone="Asia/Tokyo", checkin_time="07:30", relance_time="18:00")
    bare = Cast(cast.line)
    bare.dba("delete from rubis.relance_plan_step where organization_id = %s", bare.organization_id)
    known = {cast: clients(cast), tokyo: clients(tokyo), bare: clients(bare)}
    due_on = [date(2026, 2, 1), date(2026, 3, 2), date(2026, 3, 6), date(2026, 3, 29), date(2026, 10, 25)]
    mixed = [
        (teller, client_id, day)
        for day in due_on
        for place in range(3)
        for teller, ids in known.items()
        for client_id in (ids[place], ids[0])
    ]
    alone = [
        issue(teller, [row(teller, client_id, number, day)])[0]
        for number, (teller, client_id, day) in enumerate(mixed)
    ]
    together = issue(
        cast, [row(teller, client_id, 1000 + n, day) for n, (teller, client_id, day) in enumerate(mixed)]
    )
    for (teller, *_), one, other in zip(mixed, alone, together, strict=True):
        assert teller.effects(other) == teller.effects(one)
        assert teller.events(other) == [("invoice_created", None)]
        assert len(teller.rows("checkin_task", other)) == 1
    assert (
        sum(len(teller.rows("relance", issued)) for (teller, *_), issued in zip(mixed, together, strict=True))
        > 30
    )


def test_the_questions_are_asked_on_their_days(cast: Cast) -> None:
    """Due dates to come at the check-in time, past ones in a minute; the relance by the plan's first step."""
    client_id = cast.client()
    past, ahead = issue(
        cast, [row(cast, client_id, 1, date(2026, 2, 1)), row(cast, client_id, 2, date(2026, 3, 20))]
    )
    assert cast.task(past)["scheduled_at"] == cast.now() + timedelta(minutes=1)
    assert cast.task(ahead)["scheduled_at"] == datetime(2026, 3, 20, 8, tzinfo=UTC)
    assert cast.relance(past)["scheduled_at"] == datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert cast.relance(ahead)["scheduled_at"] == datetime(2026, 3, 23, 9, tzinfo=UTC)


def test_no_invoice_is_issued_if_one_is_refused(cast: Cast) -> None:
    """A client of another organization among a hundred: nothing is written."""
    stranger = Cast(cast.line).client()
    client_id = cast.client()
    rows = [row(cast, client_id, number, date(2026, 3, 20)) for number in range(100)]
    with cast.raises("23503", "invoice__client"):
        issue(cast, [*rows, row(cast, stranger, 100, date(2026, 3, 20))])
    assert cast.api("list_invoices")["items"] == []
    assert cast.api("list_activity")["items"] == []


def test_a_statement_that_issues_none_does_nothing(cast: Cast) -> None:
    """INSERT of no row, or of one whose number is in use and that does nothing then."""
    facts = row(cast, cast.client(), 1, date(2026, 3, 20))
    (invoice_id,) = issue(cast, [facts])
    before = cast.effects(invoice_id)
    again = (
        "insert into rubis.invoice (organization_id, client_id, number, issued_on, due_on, amount_cents)"
        " select organization_id, client_id, number, issued_on, due_on, amount_cents from rubis.invoice"
    )
    cast.dba(f"{again} where false")
    cast.dba(f"{again} where organization_id = %s on conflict do nothing", cast.organization_id)
    assert cast.effects(invoice_id) == before
    assert len(cast.api("list_activity")["items"]) == 1


def test_calls_grow_with_due_dates_not_with_invoices(cast: Cast) -> None:
    """A hundred times the invoices, on the same days: the same calls of functions, but for four.

    The clock is the default of invoice.created_at, the keys are the number's, of which the search key is
    made too, and the stamp is the version of the settings that the invoice is planned by: for each row. So a
    row costs little more than a plain INSERT's, whatever the machine; docs/performance.md has the
    measurement.
    """
    other = Cast(cast.line)
    known = {cast: cast.client(), other: other.client()}
    days = [date(2026, 3, 20) + timedelta(days=n) for n in range(5)]

    def calls(first: int, times: int) -> dict[str, int]:
        before = called(cast)
        issue(
            cast,
            [
                row(teller, client_id, first + n * len(days) + place, day)
                for teller, client_id in known.items()
                for n in range(times)
                for place, day in enumerate(days)
            ],
        )
        return {name: count - before.get(name, 0) for name, count in called(cast).items()}

    with cast.session.acting_as("postgres"):
        cast.session.execute("set local track_functions = 'all'")
    calls(0, 1)
    few, many = calls(100, 1), calls(1000, 100)
    for name, times in {"clock": 1, "key": 2, "search_key": 1, "stamp_invoice": 1}.items():
        assert many.pop(name) - few.pop(name) == times * (1000 - 10)
    assert many == few
    assert {name: count for name, count in few.items() if "effects" in name or count > 20} == {
        "issue_effects": 1
    }


def called(cast: Cast) -> dict[str, int]:
    """How often each function was called so far in this transaction."""
    rows = cast.session.rows(
        "select funcname, calls from pg_stat_xact_user_functions where schemaname = 'rubis'"
    )
    return {row["funcname"]: row["calls"] for row in rows}
