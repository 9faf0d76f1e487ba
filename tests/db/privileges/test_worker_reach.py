"""SECURITY.md says what a stolen password of the worker is good for."""

import re
from pathlib import Path

from tests.support.session import Session

SECURITY = (Path(__file__).parents[3] / "SECURITY.md").read_text()


def test_the_list_of_what_the_worker_may_call_is_complete(tx: Session) -> None:
    """Each function of ours that rubis_worker may execute is in SECURITY.md, and no other."""
    _, _, section = SECURITY.partition("## What the worker's password can do")
    listed = set(re.findall(r"`(worker\.\w+)`", section))
    granted = tx.rows(
        "select p.oid::regproc::text as name from pg_proc as p"
        " where p.pronamespace = any (array['rubis', 'api', 'worker', 'audit']::regnamespace[])"
        " and has_function_privilege('rubis_worker', p.oid, 'execute')"
        " and has_schema_privilege('rubis_worker', p.pronamespace, 'usage')"
    )
    assert listed == {row["name"] for row in granted}


def test_the_worker_reads_only_the_queue(tx: Session) -> None:
    """Only tables of schema queue have a privilege of its role, as SECURITY.md says."""
    schemas = tx.rows(
        "select distinct c.relnamespace::regnamespace::text as name from pg_class as c"
        " where c.relkind in ('r', 'v', 'm', 'p') and c.relnamespace::regnamespace::text"
        " not in ('pg_catalog', 'information_schema')"
        " and has_table_privilege('rubis_worker', c.oid, 'select, insert, update, delete, truncate')"
    )
    assert [row["name"] for row in schemas] == ["queue"]
