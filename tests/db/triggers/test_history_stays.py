"""What has happened is not rewritten, and a row stays with its organization."""

import pytest

from tests.support.letters import correspond
from tests.support.story import Story

APPEND_ONLY = ["activity_event", "rubis_entry", "checkin_click"]


@pytest.fixture(autouse=True)
def _history(story: Story) -> None:
    """An invoice paid by a click, an imported one, and an organization beside them."""
    story.click(story.ask(story.invoice()))
    batch = story.api("create_import_batch", drafts=story.json([{"number": "D-1"}]))
    assert batch["drafts"]
    Story(story.session, now=None)
    correspond(story, "history")


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
def test_append_only(story: Story, table: str, statement: str) -> None:
    """Neither changed nor deleted nor emptied, even where no row would be."""
    rows = f"select * from rubis.{table}"
    before = story.session.rows(rows)
    assert before
    with story.raises("RB409", f"{table}__append_only"):
        story.dba(statement.format(table))
    assert story.session.rows(rows) == before


@pytest.mark.parametrize("table", ["invoice", "organization", "checkin_mail", "app_user"])
def test_history_is_not_emptied_by_way_of_another_table(story: Story, table: str) -> None:
    """TRUNCATE ... CASCADE stops at the history that hangs on the table."""
    with story.raises("RB409"):
        story.dba(f"truncate rubis.{table} cascade")


def test_every_row_stays_with_its_organization(story: Story) -> None:
    """In every tenant table, found in the catalogue: each has rows here, and none of them moves."""
    tables = story.session.rows(
        "select c.relname from pg_attribute as a join pg_class as c on c.oid = a.attrelid"
        " where c.relnamespace = 'rubis'::regnamespace and c.relkind = 'r'"
        " and a.attname = 'organization_id' and c.relname <> 'organization'"
    )
    assert len(tables) >= 14
    for (table,) in (row.values() for row in tables):
        reason = f"{table}__append_only" if table in APPEND_ONLY else f"{table}__tenant"
        assert story.session.value(f"select count(*) > 0 from rubis.{table}"), (
            f"no row of {table} to try it on"
        )
        with story.raises("RB409", reason):
            story.dba(
                f"update rubis.{table} set organization_id ="
                " (select max(o.organization_id) + 1 from rubis.organization as o)"
            )


def test_ids_are_not_chosen(story: Story) -> None:
    """Identity columns: a statement cannot bring its own id."""
    with story.raises("428C9"):
        story.dba("insert into rubis.organization (organization_id, name) values (1, 'A')")
    with story.raises("428C9"):
        story.dba("update rubis.organization set organization_id = 1")
