"""What has happened is not rewritten, and a row stays with its organization."""

import pytest

from tests.support.cast import Cast
from tests.support.letters import correspond

APPEND_ONLY = ["activity_event", "rubis_entry", "checkin_click", "past_schedule"]


@pytest.fixture(autouse=True)
def _history(cast: Cast) -> None:
    """An invoice paid by a click, an imported one, and an organization beside them."""
    cast.click(cast.ask(cast.invoice()))
    batch = cast.api("create_import_batch", drafts=cast.json([{"number": "D-1"}]))
    assert batch["drafts"]
    Cast(cast.line, now=None)
    correspond(cast, "history")


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    [
        "update rubis.{} set organization_id = organization_id",
        "update rubis.{} set organization_id = 0 where false",
        "delete from rubis.{}",
        "truncate rubis.{} cascade",
    ],
)
def test_history_is_append_only(cast: Cast, table: str, statement: str) -> None:
    """Neither changed nor deleted nor emptied, even where no row would be."""
    rows = f"select * from rubis.{table}"
    before = cast.session.rows(rows)
    assert before
    with cast.raises("RB409", f"{table}__append_only"):
        cast.dba(statement.format(table))
    assert cast.session.rows(rows) == before


@pytest.mark.parametrize("table", ["invoice", "organization", "mail_item", "app_user"])
def test_history_is_not_emptied_by_way_of_another_table(cast: Cast, table: str) -> None:
    """TRUNCATE ... CASCADE stops at the history that hangs on the table."""
    with cast.raises("RB409"):
        cast.dba(f"truncate rubis.{table} cascade")


def test_every_row_stays_with_its_organization(cast: Cast) -> None:
    """In every tenant table, found in the catalogue: each has rows here, and none of them moves."""
    tables = cast.session.rows(
        "select c.relname from pg_attribute as a join pg_class as c on c.oid = a.attrelid"
        " where c.relnamespace = 'rubis'::regnamespace and c.relkind = 'r'"
        " and a.attname = 'organization_id' and c.relname <> 'organization'"
    )
    assert len(tables) >= 14
    for (table,) in (row.values() for row in tables):
        reason = f"{table}__append_only" if table in APPEND_ONLY else f"{table}__tenant"
        assert cast.session.value(f"select count(*) > 0 from rubis.{table}"), (
            f"no row of {table} to try it on"
        )
        with cast.raises("RB409", reason):
            cast.dba(
                f"update rubis.{table} set organization_id ="
                " (select max(o.organization_id) + 1 from rubis.organization as o)"
            )


def test_ids_are_not_chosen(cast: Cast) -> None:
    """Identity columns: a statement cannot bring its own id."""
    with cast.raises("428C9"):
        cast.dba("insert into rubis.organization (organization_id, name) values (1, 'A')")
    with cast.raises("428C9"):
        cast.dba("update rubis.organization set organization_id = 1")
