"""Every move of every status: legal if rubis.state_transition has it, refused otherwise, for every role."""

import re
from itertools import product
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.support.cast import NOW, Cast

FACTS: dict[str, dict[str, dict[str, Any]]] = {
    "invoice": {
        "open": {},
        "paid": {"paid_at": NOW, "paid_via": "manual"},
        "cancelled": {"cancelled_at": NOW},
    },
    "checkin_task": {
        "scheduled": {},
        "held": {"hold_reason": "address_unproven"},
        "sending": {},
        "sent": {"sent_at": NOW, "expires_at": NOW},
        "answered": {"answer": "still_pending", "answered_at": NOW, "answered_via": "app"},
        "expired": {"sent_at": NOW, "expires_at": NOW, "ended_at": NOW, "end_reason": "test"},
        "failed": {"ended_at": NOW, "end_reason": "test"},
        "cancelled": {"ended_at": NOW, "end_reason": "test"},
    },
    "relance": {
        "scheduled": {"next_look_at": NOW},
        "held": {"hold_reason": "paused"},
        "sending": {},
        "sent": {"sent_at": NOW},
        "failed": {},
        "unconfirmed": {},
        "cancelled": {"cancelled_at": NOW, "cancel_reason": "test"},
    },
    "mail": {
        "scheduled": {"next_attempt_at": NOW},
        "queued": {"lease_expires_at": NOW},
        "sending": {"lease_expires_at": NOW},
        "sent": {"ended_at": NOW},
        "failed": {"ended_at": NOW},
        "unconfirmed": {"ended_at": NOW},
        "cancelled": {"ended_at": NOW},
    },
    "import_draft": {
        "pending": {},
        "validated": {"validated_at": NOW, "invoice_id": "the invoice"},
        "discarded": {"discarded_at": NOW},
    },
}
STATUSES = [(entity, status) for entity, facts in FACTS.items() for status in facts]
MOVES = [(entity, *pair) for entity, facts in FACTS.items() for pair in product(facts, repeat=2)]
ONE_IS_AHEAD = ("invoice", "checkin_task", "relance", "mail")
"""A second live row of these beside the first breaks a unique index, so the first is cancelled."""


@pytest.fixture
def invoice_id(cast: Cast) -> int:
    """An invoice with a check-in and a relance, a draft beside it, and a letter to its client.

    Of all mails a letter alone may be in every status.
    """
    cast.api("create_import_batch", drafts=cast.json([{"number": "D-1"}]))
    invoice_id = cast.invoice()
    cast.dba(
        "insert into rubis.mail (organization_id, kind, client_id, address_key, next_attempt_at)"
        " select organization_id, 'letter', client_id, rubis.key(email), rubis.clock() from rubis.client"
    )
    return invoice_id


@pytest.mark.parametrize(("entity", "before", "after"), MOVES)
def test_a_move_is_legal_if_it_is_on_the_map(
    cast: Cast, invoice_id: int, entity: str, before: str, after: str
) -> None:
    """An UPDATE by the owner moves a status if the map has the move; a status that stays is no move."""
    without_triggers(cast, entity, moved(entity, before, invoice_id))
    legal = before == after or on_the_map(cast, entity, before, after)
    # A check-in answered before the due date is followed by that day's own.
    refused = refusal(cast, moved(entity, after, invoice_id), entity, after, order="asc")
    assert refused == verdict(entity, legal=legal)


@pytest.mark.parametrize(("entity", "first"), STATUSES)
def test_a_first_status_is_legal_if_it_is_on_the_map(
    cast: Cast, invoice_id: int, entity: str, first: str
) -> None:
    """An INSERT by the owner has a status that the map knows for a new row."""
    if entity in ONE_IS_AHEAD:
        without_triggers(cast, entity, moved(entity, "cancelled", invoice_id))
    refused = refusal(cast, copied(entity, first, invoice_id), entity, first, order="desc")
    assert refused == verdict(entity, legal=on_the_map(cast, entity, "(new)", first))


def on_the_map(cast: Cast, entity: str, before: str, after: str) -> bool:
    """Whether rubis.state_transition has this move."""
    found: bool = cast.session.value(
        "select exists (select from rubis.state_transition"
        " where (entity, from_status, to_status) = (%s, %s, %s))",
        [entity, before, after],
    )
    return found


def refusal(cast: Cast, statement: str, entity: str, status: str, order: str) -> tuple[Any, ...] | None:
    """How the statement is refused; None if it brings the first row in this order to the status."""
    try:
        with cast.session.connection.transaction():
            cast.dba(statement)
    except psycopg.Error as error:
        return error.sqlstate, error.diag.constraint_name, error.diag.column_name
    rows = f"select status from rubis.{entity} order by {entity}_id {order} limit 1"
    assert cast.session.value(rows) == status
    return None


def verdict(entity: str, *, legal: bool) -> tuple[Any, ...] | None:
    """How a move is refused that is not legal."""
    return None if legal else ("RB409", f"{entity}__transition", "status")


def test_every_status_has_its_row_above(cast: Cast) -> None:
    """A status that a domain knows, and a table that has one, is tested here."""
    with_status = {
        row["relname"]: row["definition"]
        for row in cast.session.rows(
            "select c.relname, pg_get_constraintdef(o.oid) as definition"
            " from pg_attribute as a join pg_class as c on c.oid = a.attrelid"
            " left join pg_constraint as o on o.contypid = a.atttypid"
            " where c.relnamespace = 'rubis'::regnamespace and c.relkind = 'r' and a.attname = 'status'"
        )
    }
    assert set(with_status) == set(FACTS)
    for entity, facts in FACTS.items():
        assert set(re.findall("'([a-z]+)'", with_status[entity])) == set(facts)


def test_the_map_knows_no_other_status(cast: Cast) -> None:
    """Every row of the map is about a status that exists."""
    for row in cast.session.rows("select entity, from_status, to_status from rubis.state_transition"):
        assert row["from_status"] in ["(new)", *FACTS[row["entity"]]]
        assert row["to_status"] in FACTS[row["entity"]]


def assignments(entity: str, status: str, invoice_id: int) -> dict[str, sql.Literal]:
    """The columns that some status needs, as this one needs them."""
    facts = {
        name: invoice_id if name == "invoice_id" else value for name, value in FACTS[entity][status].items()
    }
    columns = {name for needed in FACTS[entity].values() for name in needed}
    return {name: sql.Literal(facts.get(name)) for name in sorted(columns)} | {"status": sql.Literal(status)}


def moved(entity: str, status: str, invoice_id: int) -> str:
    """UPDATE the entity's only row to this status."""
    changes = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), value)
        for name, value in assignments(entity, status, invoice_id).items()
    )
    return sql.SQL("update {} set {}").format(sql.Identifier("rubis", entity), changes).as_string()


def copied(entity: str, status: str, invoice_id: int) -> str:
    """INSERT a row like the entity's only one, in this status."""
    others = {
        "invoice": "client_id, user_id, issued_on, due_on, amount_cents, 'C-1' as number",
        "checkin_task": "invoice_id, scheduled_at",
        "relance": "invoice_id, client_id, due_on, relance_plan_id, step, days_after_due, tone, scheduled_at",
        "mail": "kind, client_id, address_key",
        "import_draft": "import_batch_id, position + 1 as position",
    }[entity]
    values = assignments(entity, status, invoice_id)
    return (
        sql.SQL(
            "insert into {table} (organization_id, {others}, {names})"
            " select organization_id, {values} from {table}"
        )
        .format(
            table=sql.Identifier("rubis", entity),
            others=sql.SQL(", ").join(sql.Identifier(other.split()[-1]) for other in others.split(", ")),
            names=sql.SQL(", ").join(map(sql.Identifier, values)),
            values=sql.SQL(", ").join([sql.SQL(others), *values.values()]),
        )
        .as_string()
    )


def without_triggers(cast: Cast, entity: str, statement: str) -> None:
    """Write what the triggers would refuse, to start from it."""
    cast.dba(f"alter table rubis.{entity} disable trigger user")
    cast.dba(statement)
    cast.dba(f"alter table rubis.{entity} enable trigger user")
