"""Functions, triggers and views follow their files, by `rubis migrate` alone."""

import threading
from pathlib import Path

import pytest

from app.deploy import migrate as module
from app.deploy.administrator import MigrationError
from app.deploy.deployment import Release
from app.deploy.migrate import migrate
from tests.support.session import OpenSession, Session
from tests.support.waiting import until

SAMPLE = """
create or replace function {name}()
returns {returns}
language sql stable
set search_path = ''
as $$ select {value}; $$;
"""
TRIGGERS = """
create or replace function rubis.sample_trigger()
returns trigger language plpgsql set search_path = '' as $$ begin return new; end; $$;
create or replace trigger sample before {event} on rubis.client
  for each row execute function rubis.sample_trigger();
"""


def write(release: Release, place: str, text: str) -> Path:
    """Put a file into the release."""
    path = release.folder / "functions" / place
    path.write_text(text)
    return path


@pytest.fixture
def migrated(empty: str, admin: Session, release: Release) -> Session:
    """A session on a migrated database with one function more."""
    write(release, "core/api.sample.sql", SAMPLE.format(name="api.sample", returns="int", value="1"))
    migrate(empty, release)
    return admin


def test_an_edited_function_reaches_the_database(empty: str, release: Release, migrated: Session) -> None:
    """No migration is needed for a new body."""
    assert migrated.value("select api.sample()") == 1
    write(release, "core/api.sample.sql", SAMPLE.format(name="api.sample", returns="int", value="2"))
    migrate(empty, release)
    assert migrated.value("select api.sample()") == 2


def test_a_deleted_function_leaves_the_database(empty: str, release: Release, migrated: Session) -> None:
    """What has no file has no place; the queue's functions, which are Procrastinate's, stay."""
    queue = migrated.value("select count(*) from pg_proc where pronamespace = 'queue'::regnamespace")
    (release.folder / "functions/core/api.sample.sql").unlink()
    migrate(empty, release)
    assert migrated.value("select to_regproc('api.sample')") is None
    assert (
        migrated.value("select count(*) from pg_proc where pronamespace = 'queue'::regnamespace") == queue > 0
    )


def test_a_changed_return_type_is_deployed(empty: str, release: Release, migrated: Session) -> None:
    """Though PostgreSQL cannot replace such a function; its callers and its grants are kept."""
    write(
        release,
        "core/rubis.caller.sql",
        SAMPLE.format(name="rubis.caller", returns="text", value="api.sample()::text"),
    )
    migrate(empty, release)
    write(release, "core/api.sample.sql", SAMPLE.format(name="api.sample", returns="text", value="'two'"))
    migrate(empty, release)
    assert migrated.value("select rubis.caller()") == "two"
    assert migrated.value("select has_function_privilege('rubis_api', 'api.sample()', 'execute')")


def test_changed_parameters_leave_one_function(empty: str, release: Release, migrated: Session) -> None:
    """The function with the old parameters goes, since no file defines it."""
    text = SAMPLE.format(name="api.sample", returns="int", value="p_number").replace(
        "sample()", "sample(p_number int)"
    )
    write(release, "core/api.sample.sql", text)
    migrate(empty, release)
    names = migrated.rows("select oid::regprocedure::text as name from pg_proc where proname = 'sample'")
    assert [row["name"] for row in names] == ["api.sample(integer)"]


def test_an_edited_trigger_reaches_and_a_deleted_one_leaves(
    empty: str, release: Release, migrated: Session
) -> None:
    """Triggers follow their file as functions do, their functions with them."""
    query = "select pg_get_triggerdef(oid) as definition from pg_trigger where tgname = 'sample'"
    path = write(release, "triggers/zz_sample.sql", TRIGGERS.format(event="insert"))
    migrate(empty, release)
    assert "BEFORE INSERT ON rubis.client" in migrated.value(query)
    write(release, "triggers/zz_sample.sql", TRIGGERS.format(event="update"))
    migrate(empty, release)
    assert "BEFORE UPDATE ON rubis.client" in migrated.value(query)
    path.unlink()
    migrate(empty, release)
    assert migrated.rows(query) == []
    assert migrated.value("select to_regproc('rubis.sample_trigger')") is None


def test_a_view_may_change_its_columns(empty: str, release: Release, migrated: Session) -> None:
    """Views are made again, so a column may go or move; a deleted view leaves."""
    path = write(release, "audit/audit.sample.sql", "create view audit.sample as select 1 as one, 2 as two;")
    migrate(empty, release)
    write(release, "audit/audit.sample.sql", "create view audit.sample as select 2 as two;")
    migrate(empty, release)
    assert migrated.row("table audit.sample") == {"two": 2}
    path.unlink()
    migrate(empty, release)
    assert migrated.value("select to_regclass('audit.sample')") is None


def test_public_may_call_nothing_and_each_role_only_its_own(migrated: Session) -> None:
    """Grants follow the schema a function is in, without an edit for a new one."""
    query = """
        select p.oid::regprocedure::text as name, r.role::text as role from pg_proc as p,
          unnest(array['public', 'rubis_api', 'rubis_worker', 'rubis_auditor']) as r (role)
         where p.pronamespace = any (array['rubis', 'api', 'worker', 'audit', 'queue']::regnamespace[])
           and p.pronamespace::regnamespace::text || ' ' || r.role <> all (array[
             'api rubis_api', 'worker rubis_worker', 'queue rubis_worker', 'audit rubis_auditor',
             'rubis rubis_auditor'])
           and has_function_privilege(r.role, p.oid, 'execute')
    """
    assert migrated.rows(query) == []
    assert migrated.value("select has_function_privilege('rubis_api', 'api.sample()', 'execute')")


def test_deploying_gives_way_to_a_live_transaction(
    empty: str, release: Release, migrated: Session, open_session: OpenSession
) -> None:
    """A session that writes is not disturbed; migrate waits for its end in short turns."""
    writer = open_session(empty, autocommit=False)
    writer.execute("lock table rubis.client in row exclusive mode")
    failures: list[Exception] = []

    def deploy() -> None:
        try:
            migrate(empty, release)
        except MigrationError as error:
            failures.append(error)

    thread = threading.Thread(target=deploy)
    thread.start()
    waits = "select count(*) > 0 from pg_stat_activity where %s = any (pg_blocking_pids(pid))"
    writes = [writer.connection.info.backend_pid]
    until(lambda: migrated.value(waits, writes), "migrate does not wait for the writer", pause=0.01)
    until(lambda: not migrated.value(waits, writes), "migrate does not give way", pause=0.01)
    assert thread.is_alive()
    # import_draft comes before client in the lock order: were it still held, this would wait.
    writer.execute("set local lock_timeout = '2s'")
    writer.execute("lock table rubis.import_draft in row exclusive mode")
    writer.connection.commit()
    thread.join(30)
    assert failures == []
    assert not thread.is_alive()
    assert migrated.value("select api.sample()") == 1


def test_giving_way_has_an_end(
    empty: str, release: Release, migrated: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction left open for long is named as the cause."""
    monkeypatch.setattr(module, "_ATTEMPTS", 2)
    monkeypatch.setattr(module, "_PAUSE", 0.01)
    migrated.connection.autocommit = False
    migrated.execute("lock table rubis.client in row exclusive mode")
    with pytest.raises(MigrationError, match=r"pg_stat_activity"):
        migrate(empty, release)
    migrated.connection.rollback()
