"""Who plans and who changes what planning reads: the named cases; test_pairs.py has all of them."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.cast import Cast
from tests.support.race import Move, Race, by, sqlstate
from tests.support.session import Session
from tests.support.waiting import PATIENCE, until

LATER = {"issued_on": "2031-01-02", "due_on": "2031-01-31"}


def days_ahead(cast: Cast, invoice_id: int) -> int:
    """How many days after its due date the relance ahead of an invoice leaves, by its plan."""
    days: int = cast.relance(invoice_id)["days_after_due"]
    return days


def put_plan(cast: Cast, days: int) -> Move:
    """The user gives another default plan of one step."""
    steps = cast.json([{"days_after_due": days, "tone": "firm"}])
    return by(
        "rubis_api",
        cast,
        lambda it: it.api("put_relance_plan", relance_plan_id=None, name=None, steps=steps),
    )


def spare_plan(cast: Cast) -> int:
    """A plan that no client follows."""
    plan: Any = cast.api(
        "create_relance_plan", name="Spare", steps=cast.json([{"days_after_due": 9, "tone": "firm"}])
    )
    plan_id: int = plan["relance_plan_id"]
    return plan_id


def give_plan(cast: Cast, client_id: int, plan_id: int) -> Move:
    """The user gives a client this plan."""
    changes = cast.json({"relance_plan_id": plan_id})
    return by("rubis_api", cast, lambda it: it.api("update_client", client_id=client_id, changes=changes))


@pytest.mark.parametrize("turn", ["plan first", "invoice first"])
@pytest.mark.parametrize("how", ["issued", "reopened by a DBA"])
def test_an_invoice_planned_while_a_plan_is_replaced_follows_the_new_plan(
    race: Race, cast: Cast, how: str, turn: str
) -> None:
    """Neither waits for the other; planned by the old plan, the invoice is planned again by the new one."""
    if how == "issued":
        number = "while the plan changes"
        act = by("rubis_api", cast, lambda it: it.invoice(number=number, **LATER))
    else:
        reopened = cast.invoice(**LATER)
        cast.update(reopened, status="paid")

        def reopen(it: Cast) -> int:
            it.update(reopened, status="open")
            return reopened

        act = by("rubis_owner", cast, reopen)
    moves = (put_plan(cast, 14), act) if turn == "plan first" else (act, put_plan(cast, 14))
    met = race.meet(*moves)
    assert not met.waited
    invoice_id = met.second if turn == "plan first" else met.first
    cast.document(invoice_id)
    assert days_ahead(cast, invoice_id) == 14


def test_an_invoice_issued_while_the_zone_changes_moves_when_it_is_shown(race: Race, cast: Cast) -> None:
    """The issue reads the zone of before; the invoice is outdated from the start."""
    zone = by(
        "rubis_api",
        cast,
        lambda it: it.api("update_organization", changes=it.json({"time_zone": "Asia/Tokyo"})),
    )
    met = race.meet(zone, by("rubis_api", cast, lambda it: it.invoice(**LATER)))
    assert not met.waited
    assert cast.document(met.second)["checkin"]["scheduled_at"] == "2031-01-31T00:00:00+00:00"


def test_what_another_transaction_holds_is_shown_as_outdated(race: Race, cast: Cast) -> None:
    """A reader waits for no lock: the invoice says that its moments are those of before."""
    invoice_id, free = cast.invoice(**LATER), cast.invoice(**LATER)
    cast.settings(checkin_time="07:00")
    touch = by("rubis_owner", cast, lambda it: it.update(invoice_id, issued_on="2031-01-03"))
    look = by("rubis_api", cast, lambda it: [it.document(invoice_id), it.document(free)])
    met = race.meet(touch, look)
    assert not met.waited
    assert [document["is_outdated"] for document in met.second] == [True, False]
    assert cast.document(invoice_id)["is_outdated"] is False


@pytest.mark.parametrize("table", ["checkin_task", "relance", "planning"])
def test_a_piece_waits_for_no_row(race: Race, cast: Cast, table: str) -> None:
    """What another transaction holds of an invoice leaves this invoice, and only this, to a later piece."""
    invoice_id, free = cast.invoice(**LATER), cast.invoice(**LATER)
    cast.settings(checkin_time="07:00")
    where = "organization_id = %s" if table == "planning" else "organization_id = %s and invoice_id = %s"
    params = [cast.organization_id] if table == "planning" else [cast.organization_id, invoice_id]
    hold = (
        "rubis_owner",
        lambda session: session.rows(f"select from rubis.{table} where {where} for no key update", params),
    )
    met = race.meet(hold, by("rubis_owner", cast, lambda it: it.plan_again()))
    assert not met.waited
    assert met.second == (0 if table == "planning" else 1)
    assert cast.plan_again() == 2 - met.second
    assert cast.task(invoice_id)["scheduled_at"] == cast.task(free)["scheduled_at"]


def test_two_pieces_at_once_share_the_invoices(race: Race, cast: Cast) -> None:
    """One skips what the other holds, and what the other finishes is planned once."""
    for _ in range(6):
        cast.invoice(**LATER)
    cast.settings(relance_time="07:00")

    def piece(session: Session) -> int:
        planned: int = session.value("select rubis.replan_outdated(%s, 4)", [cast.organization_id])
        return planned

    met = race.meet(("rubis_owner", piece), ("rubis_owner", piece))
    assert (met.waited, met.first, met.second) == (False, 4, 2)
    assert cast.plan_again() == 0


def test_settings_changed_while_a_piece_runs_outdate_it_again(race: Race, cast: Cast) -> None:
    """The change waits for no piece, and what the piece has planned is planned again."""
    invoice_id = cast.invoice(**LATER)
    cast.settings(checkin_time="07:00")
    change = by("rubis_owner", cast, lambda it: it.settings(checkin_time="08:00"))
    met = race.meet(by("rubis_owner", cast, lambda it: it.plan_again()), change)
    assert not met.waited
    assert cast.document(invoice_id)["checkin"]["scheduled_at"] == "2031-01-31T07:00:00+00:00"


def test_a_plan_given_to_a_client_while_its_steps_change_is_followed(race: Race, cast: Cast) -> None:
    """The first client of a plan gets it while its steps are replaced: its invoice has the new steps."""
    invoice_id, plan_id = cast.invoice(**LATER), spare_plan(cast)
    steps = cast.json([{"days_after_due": 30, "tone": "firm"}])
    put = by(
        "rubis_api",
        cast,
        lambda it: it.api("put_relance_plan", relance_plan_id=plan_id, name=None, steps=steps),
    )
    give = give_plan(cast, cast.row(invoice_id)["client_id"], plan_id)
    race.meet(give, put)
    cast.document(invoice_id)
    assert days_ahead(cast, invoice_id) == 30


def test_a_plan_is_given_to_a_client_after_its_steps_have_changed(race: Race, cast: Cast) -> None:
    """The client waits for the steps of a plan that no other client has, and gets the new ones."""
    invoice_id, plan_id = cast.invoice(**LATER), spare_plan(cast)
    steps = cast.json([{"days_after_due": 30, "tone": "firm"}])
    put = by(
        "rubis_api",
        cast,
        lambda it: it.api("put_relance_plan", relance_plan_id=plan_id, name=None, steps=steps),
    )
    race.meet(put, give_plan(cast, cast.row(invoice_id)["client_id"], plan_id))
    assert cast.document(invoice_id)["is_outdated"] is False
    assert days_ahead(cast, invoice_id) == 30


def test_asking_again_while_an_exclusion_finds_a_reopened_invoice(race: Race, cast: Cast) -> None:
    """An exclusion waits for one invoice, another is reopened and held to be asked about: no deadlock."""
    held, reopened = cast.invoice(**LATER), cast.invoice(**LATER)
    cast.api("mark_invoice_paid", invoice_id=reopened)
    exclude = by(
        "rubis_api",
        cast,
        lambda it: it.api(
            "update_client",
            client_id=it.row(held)["client_id"],
            changes=it.json({"relances_off": True}),
        ),
    )
    touch = by("rubis_owner", cast, lambda it: it.update(held, amount_cents=5))
    asker = race.database.owner()
    holds = threading.Event()

    def ask_again() -> None:
        with asker.connection.transaction():
            asker.execute("select rubis.lock_invoice(%s, %s)", [cast.organization_id, reopened])
            holds.set()
            until(lambda: race.blocks(asker), "no session waits for the invoice")
            cast.over(asker).api("ask_checkin_again", invoice_id=reopened)

    with ThreadPoolExecutor(1) as pool:
        asking: list[Future[None]] = []

        def reopen(_: Session) -> None:
            cast.api("reopen_invoice", invoice_id=reopened, reason=None)
            asking.append(pool.submit(ask_again))
            assert holds.wait(PATIENCE)

        met = race.meet(touch, exclude, meanwhile=reopen)
        asking[0].result(PATIENCE)
    assert met.waited
    assert sqlstate(met.second) is None, met.second


def test_a_plan_just_given_to_a_client_is_in_use(race: Race, cast: Cast) -> None:
    """The deletion waits for the client, and is refused with 409."""
    client_id, plan_id = cast.row(cast.invoice(**LATER))["client_id"], spare_plan(cast)
    delete = by("rubis_api", cast, lambda it: it.api("delete_relance_plan", relance_plan_id=plan_id))
    met = race.meet(give_plan(cast, client_id, plan_id), delete)
    assert met.waited
    assert (met.second.sqlstate, met.second.diag.constraint_name) == ("RB409", "relance_plan__in_use")


def test_a_plan_just_deleted_is_given_to_no_client(race: Race, cast: Cast) -> None:
    """The client waits for the deletion, and the plan's field is refused with 422."""
    client_id, plan_id = cast.row(cast.invoice(**LATER))["client_id"], spare_plan(cast)
    delete = by("rubis_api", cast, lambda it: it.api("delete_relance_plan", relance_plan_id=plan_id))
    met = race.meet(delete, give_plan(cast, client_id, plan_id))
    assert met.waited
    assert (met.second.sqlstate, met.second.diag.constraint_name) == ("RB422", "client__relance_plan")
