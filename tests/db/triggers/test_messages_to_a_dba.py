"""What a DBA's slip in a plain statement is answered with: what is wrong, and what to do instead."""

from typing import Any

import psycopg
import pytest

from app.core.codes import CURRENCY_DIGITS
from tests.support.cast import Cast


def refusal(cast: Cast, statement: str, **params: Any) -> psycopg.errors.Diagnostic:
    """The error that a DBA's statement ends in."""
    with pytest.raises(psycopg.Error) as caught, cast.session.connection.transaction():
        cast.dba(statement, **params)
    return caught.value.diag


INSERT = (
    "insert into rubis.invoice (organization_id, client_id, number, issued_on, due_on, amount_cents)"
    " values (%(organization_id)s, 1, '2026-1', '2026-03-01', '2026-03-31', 100)"
)


def test_deleting_an_invoice_is_answered_with_how_to_cancel_it(cast: Cast) -> None:
    """The invoice stays; the hint is the statement that cancels it, and that statement works."""
    invoice_id = cast.invoice(number="2026-117")
    found = refusal(cast, "delete from rubis.invoice where invoice_id = %(id)s", id=invoice_id)
    assert (found.sqlstate, found.constraint_name) == ("RB409", "invoice__kept")
    assert found.message_primary == f"invoice {invoice_id} (number 2026-117) is never deleted"
    assert found.message_hint
    advice, _, statement = found.message_hint.partition(": ")
    assert advice == "cancel it instead"
    cast.dba(statement)
    assert cast.row(invoice_id)["status"] == "cancelled"


def test_an_invoice_of_an_unknown_organization_names_the_organization(cast: Cast) -> None:
    """An insert without issuer says which organization does not exist, and nothing of a null user."""
    found = refusal(cast, INSERT, organization_id=987654321)
    assert (found.sqlstate, found.constraint_name, found.column_name) == (
        "RB404",
        "organization__missing",
        "organization_id",
    )
    assert found.message_primary == "organization 987654321 does not exist"


def test_an_invoice_of_an_organization_without_users_says_so(cast: Cast) -> None:
    """An organization that a DBA made has no user who could issue the invoice."""
    made = cast.dba("insert into rubis.organization (name) values ('Empty') returning organization_id")
    organization_id = made[0]["organization_id"]
    found = refusal(cast, INSERT, organization_id=organization_id)
    assert (found.sqlstate, found.constraint_name, found.column_name) == (
        "RB422",
        "invoice__user_id",
        "user_id",
    )
    assert found.message_primary == f"organization {organization_id} has no user who could issue an invoice"


@pytest.mark.parametrize(
    ("change", "message", "rule"),
    [
        (
            "amount_cents = -5",
            "'-5' is not a valid amount_cents",
            "The rule of rubis.amount_cents: (VALUE >= 1) AND (VALUE <= '1000000000000').",
        ),
        (
            "status = 'payed'",
            "'payed' is not a valid invoice_status",
            "The rule of rubis.invoice_status: one of 'open', 'paid', 'cancelled'.",
        ),
        (
            "currency = 'eur'",
            "'eur' is not a valid currency",
            "The rule of rubis.currency: one of " + ", ".join(f"'{code}'" for code in CURRENCY_DIGITS) + ".",
        ),
        (
            "due_on = '20260-03-31'",
            "'20260-03-31' is not a valid calendar_day",
            "The rule of rubis.calendar_day: (VALUE >= '1970-01-01') AND (VALUE <= '2999-12-31').",
        ),
    ],
)
def test_a_refused_value_is_told_with_its_rule_and_its_columns(
    cast: Cast, change: str, message: str, rule: str
) -> None:
    """The message has the value, the detail the rule of the domain, the hint the columns of that domain."""
    cast.invoice()
    found = refusal(cast, f"update rubis.invoice set {change}")
    assert (found.sqlstate, found.message_primary, found.message_detail) == ("23514", message, rule)
    assert f"invoice.{change.partition(' ')[0]}" in (found.message_hint or "")
    domain = (found.constraint_name or "").partition("__")[0]
    assert (found.schema_name, found.datatype_name) == ("rubis", domain)


def test_a_refused_hash_is_not_shown(cast: Cast) -> None:
    """The value of a token's hash stays out of the message, as it is a secret's."""
    found = refusal(cast, "update rubis.access_token set token_hash = 'a secret'::bytea")
    assert found.message_primary == "this value is not a valid sha256"
    assert "secret" not in f"{found.message_detail}{found.message_hint}"


def test_every_domain_explains_its_refusals(cast: Cast) -> None:
    """Each domain of rubis names itself to rubis.refuse_value, so that no refusal tells of another one."""
    checks = cast.session.rows(
        "select t.typname, pg_get_constraintdef(k.oid) as definition from pg_constraint as k"
        " join pg_type as t on t.oid = k.contypid where t.typnamespace = 'rubis'::regnamespace"
    )
    assert len(checks) > 20
    silent = [c for c in checks if f"rubis.refuse_value('rubis.{c['typname']}'" not in c["definition"]]
    assert silent == []
