"""Who plans and who changes what planning reads: the named cases; test_pairs.py has all of them."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

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


def test_an_invoice_issued_while_a_plan_is_replaced_follows_the_new_plan(race: Race, cast: Cast) -> None:
    """The issue waits for the plan, and reads it then."""
    issued: list[int] = []
    issue = by("rubis_api", cast, lambda it: issued.append(it.invoice(**LATER)))
    assert race.meet(put_plan(cast, 14), issue).waited
    assert days_ahead(cast, issued[0]) == 14


def test_a_plan_replaced_while_an_invoice_is_issued_moves_its_relance(race: Race, cast: Cast) -> None:
    """The plan waits for the issue, and plans it again."""
    issued: list[int] = []
    issue = by("rubis_api", cast, lambda it: issued.append(it.invoice(**LATER)))
    assert race.meet(issue, put_plan(cast, 14)).waited
    assert days_ahead(cast, issued[0]) == 14


def test_an_invoice_reopened_by_a_dba_while_a_plan_is_replaced_follows_it(race: Race, cast: Cast) -> None:
    """The DBA's statement holds its invoice already, and waits for the plan without deadlock."""
    invoice_id = cast.invoice(**LATER)
    cast.update(invoice_id, status="paid")
    reopen = by("rubis_owner", cast, lambda it: it.update(invoice_id, status="open"))
    assert race.meet(put_plan(cast, 14), reopen).waited
    assert days_ahead(cast, invoice_id) == 14


def test_asking_again_while_a_zone_change_finds_a_reopened_invoice(race: Race, cast: Cast) -> None:
    """A zone change waits for one invoice, another is reopened and held to be asked about: no deadlock."""
    held, reopened = cast.invoice(**LATER), cast.invoice(**LATER)
    cast.api("mark_invoice_paid", invoice_id=reopened)
    zone = by(
        "rubis_api",
        cast,
        lambda it: it.api("update_organization", changes=it.json({"time_zone": "Asia/Tokyo"})),
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

        met = race.meet(touch, zone, meanwhile=reopen)
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
