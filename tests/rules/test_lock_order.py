"""The functions lock rows in the order of audit.lock_order, and the pages say the same."""

import re
from pathlib import Path

from tests.rules.breaking import function
from tests.rules.lock_order import against_the_order, locked_tables
from tests.support.session import Session

ROOT = Path(__file__).parents[2]

TASK, INVOICE = "rubis.lock_checkin_task(1, 1)", "rubis.lock_invoice(1, 1)"

NEVER_TAKEN = {
    # Only a refusal pauses the client, and a lease that ran out is a failure of class unknown.
    (
        "worker.tick_organization > rubis.tick_pieces > rubis.recover_mails > rubis.fail_mail"
        " > rubis.fail_letter > rubis.fail_relance:"
        " client after invoice, checkin_task, relance, planning, mail"
    ),
    # What the last word leaves out was withdrawn, not refused, so no client is paused.
    (
        "worker.confirm_letter > rubis.withdraw_relances > rubis.fail_relance > rubis.merge_effects"
        " > rubis.client_effects > rubis.hold_planning: checkin_task after relance, mail, planning"
    ),
}


def order(tx: Session) -> list[str]:
    """The tables of audit.lock_order."""
    return [row["table_name"] for row in tx.rows("select table_name from audit.lock_order order by place")]


def test_no_function_waits_for_a_row_against_the_order(tx: Session) -> None:
    """No call of api or worker, nor a DBA's statement, waits for a table that comes before one it holds."""
    assert against_the_order(tx) == NEVER_TAKEN


def test_a_function_that_locks_against_the_order_is_found(tx: Session) -> None:
    """A function that takes an invoice after its check-in is named with the path that leads to it."""
    body = "perform rubis.lock_checkin_task(1, 1); perform rubis.lock_invoice(1, 1);"
    tx.execute(function("api.backwards()", body))
    assert against_the_order(tx) - NEVER_TAKEN == {
        "api.backwards > rubis.lock_invoice: invoice after checkin_task"
    }


def test_a_trigger_that_locks_against_the_order_is_found(tx: Session) -> None:
    """A statement on a table runs its triggers: one that takes an earlier table is named with them."""
    effects = function("rubis.backwards()", "update rubis.organization set name = name; return null;")
    tx.execute(effects.replace("returns void", "returns trigger"))
    tx.execute(
        "create trigger relance_90_backwards after update on rubis.relance"
        " for each row execute function rubis.backwards()"
    )
    assert "update relance > rubis.backwards: organization after relance" in against_the_order(tx)


def test_only_one_result_of_a_case_is_taken(tx: Session) -> None:
    """Two results of a case may lock in opposite orders; what follows the case comes after both."""
    tx.execute(function("api.either()", f"perform case when true then {TASK} else {INVOICE} end;"))
    assert against_the_order(tx) == NEVER_TAKEN
    tx.execute(function("api.both()", f"perform case when true then {INVOICE} else {TASK} end;"))
    assert against_the_order(tx) == NEVER_TAKEN
    tx.execute(
        function("api.then()", f"perform case when true then {TASK} else null end; perform {INVOICE};")
    )
    assert against_the_order(tx) - NEVER_TAKEN == {
        "api.then > rubis.lock_invoice: invoice after checkin_task"
    }


def test_planning_is_shared_at_any_place(tx: Session) -> None:
    """Who shares it waits for a holder who waits for nothing; who holds it alone does so last."""
    mail = "perform from rubis.mail as m for no key update;"
    share, hold = (f"perform from rubis.planning as p for {how};" for how in ("share", "no key update"))
    tx.execute(function("api.shares()", mail + share))
    assert against_the_order(tx) == NEVER_TAKEN
    tx.execute(function("api.holds_late()", mail + hold))
    tx.execute(function("api.goes_on()", hold + mail))
    assert against_the_order(tx) - NEVER_TAKEN == {
        "api.holds_late: planning after mail",
        "api.goes_on: mail after planning",
    }


def test_every_locked_table_has_its_place(tx: Session) -> None:
    """A table whose rows a function locks is in audit.lock_order, and no other table is."""
    assert locked_tables(tx) == set(order(tx))


def test_the_guide_shows_the_order_of_the_database(tx: Session) -> None:
    """The line of docs/dba.md with the lock order is the one of audit.lock_order."""
    guide = (ROOT / "docs" / "dba.md").read_text()
    shown = re.search(r"^\*\*(agenda, [^*]+)\*\*", guide, re.MULTILINE)
    assert shown
    assert shown[1].split() == ", ".join(order(tx)).split()


def test_deployment_reads_the_order_from_the_database() -> None:
    """db/functions/begin.sql locks the tables by audit.lock_order and has no list of its own."""
    text = (ROOT / "db" / "functions" / "begin.sql").read_text()
    assert "from audit.lock_order" in text
    assert "checkin_task" not in text
