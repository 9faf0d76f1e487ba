"""What our roles, and anybody else, can reach: all that the catalogue lists is tried, so a new object is too.

The statements are run, not asked about: logged in as each role, over a connection of its own.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.support.session import Session, connect

STRANGER = "rubis_test_stranger"
"""A role that was granted nothing: what PUBLIC has."""

LOGINS = ["rubis_api", "rubis_worker", "rubis_auditor", STRANGER]
OWN = {
    "rubis_api": {"api"},
    "rubis_worker": {"worker", "queue"},
    "rubis_auditor": {"audit"},
    STRANGER: set[str](),
}
OURS = ["rubis", "api", "worker", "audit", "queue"]
REFUSED, DONE = "42501", "done"

ON_TABLES = {
    "select": "select from {}",
    "count": "select count(*) from {}",
    "copy": "copy {} to stdout",
    "insert": "insert into {} default values",
    "update": "update {} set {} = default",
    "delete": "delete from {} where false",
    "truncate": "truncate {}",
    "lock": "lock table {} in access exclusive mode",
    "refer": "create table refers (id bigint references {})",
    "trigger": "create trigger mine after insert on {} execute function api.readiness()",
    "rule": "create rule mine as on insert to {} do nothing",
    "alter": "alter table {} disable row level security",
    "comment": "comment on table {} is ''",
    "drop": "drop table {}",
}
ON_VIEWS = {
    "select": "select from {}",
    "count": "select count(*) from {}",
    "copy": "copy (select * from {}) to stdout",
    "lock": "lock table {} in access exclusive mode",
    "rule": "create rule mine as on insert to {} do instead nothing",
    "alter": "alter view {} set (security_barrier)",
    "comment": "comment on view {} is ''",
    "drop": "drop view {}",
}
READING = {"select", "count", "copy"}
USING_TABLES = READING | {"insert", "update", "delete", "lock"}


class Relation(NamedTuple):
    """A table, view or sequence: the schema it is in, its quoted name, its kind and its first column."""

    schema: str
    name: str
    kind: str
    column: str


@pytest.fixture(scope="module")
def stranger(shared: str) -> Iterator[str]:
    """The role STRANGER, for this module."""
    with psycopg.connect(shared, autocommit=True) as admin:
        admin.execute(sql.SQL("create role {} login").format(sql.Identifier(STRANGER)))
        yield STRANGER
        admin.execute(sql.SQL("drop role {}").format(sql.Identifier(STRANGER)))


@pytest.fixture(scope="module")
def sessions(shared: str, stranger: str) -> Iterator[dict[str, Session]]:
    """A session logged in as each role; it need not wait long for a lock."""
    assert stranger in LOGINS
    options = "-c lock_timeout=2s"
    opened = {
        role: connect(make_conninfo(shared, user=role, options=options), autocommit=False) for role in LOGINS
    }
    yield opened
    for session in opened.values():
        session.connection.close()


def relations(tx: Session, *kinds: str) -> list[Relation]:
    """The relations of these kinds in any schema that is not PostgreSQL's own."""
    rows = tx.rows(
        "select n.nspname as schema, c.oid::regclass::text as name, c.relkind::text as kind,"
        " coalesce((select quote_ident(a.attname) from pg_attribute as a"
        "            where a.attrelid = c.oid and a.attnum > 0 order by a.attnum limit 1), '') as column"
        " from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        " where c.relkind::text = any (%s) and n.nspname <> all (%s) and n.nspname !~ '^pg_(toast_)?temp_'"
        " order by 1, 2",
        [list(kinds), ["pg_catalog", "information_schema", "pg_toast"]],
    )
    return [Relation(**row) for row in rows]


def outcome(session: Session, statement: str, params: Sequence[Any] | None = None) -> str:
    """The SQLSTATE with which a statement fails, or `done`; undone in any case."""
    try:
        with session.connection.transaction(force_rollback=True):
            cursor = session.connection.cursor()
            if statement.startswith("copy"):
                with cursor.copy(statement.encode(), params) as copied:
                    list(copied)
            else:
                cursor.execute(statement.encode(), params)
    except psycopg.Error as error:
        return error.sqlstate or type(error).__name__
    return DONE


@pytest.mark.parametrize("role", LOGINS)
def test_every_relation_is_refused_but_ones_own(tx: Session, sessions: dict[str, Session], role: str) -> None:
    """Reading, each way of writing, locking, changing: on every table and view there is."""
    found = relations(tx, "r", "p", "v", "m", "f")
    assert {relation.schema for relation in found} == {"rubis", "audit", "queue"}
    for relation in found:
        statements = ON_VIEWS if relation.kind in "vm" else ON_TABLES
        expected = dict.fromkeys(statements, REFUSED)
        if relation.schema in OWN[role]:
            expected |= dict.fromkeys(READING if relation.schema == "audit" else USING_TABLES, DONE)
        for verb, statement in statements.items():
            said = outcome(sessions[role], statement.format(relation.name, relation.column))
            if expected[verb] == DONE:
                assert said not in (REFUSED, "42601"), (relation.name, verb)
            else:
                assert said == REFUSED, (relation.name, verb)


@pytest.mark.parametrize("role", LOGINS)
def test_no_view_is_written_through(tx: Session, role: str, stranger: str) -> None:
    """Not even by its reader: most views would refuse for another reason first, so the right is asked for."""
    assert stranger in LOGINS
    for relation in relations(tx, "v", "m"):
        for right in ("insert", "update", "delete", "truncate", "references", "trigger"):
            assert not tx.value("select has_table_privilege(%s, %s, %s)", [role, relation.name, right]), (
                relation
            )


@pytest.mark.parametrize("role", LOGINS)
def test_every_sequence_is_refused_but_the_queues_to_the_worker(
    tx: Session, sessions: dict[str, Session], role: str
) -> None:
    """Taking a number, looking at the last one, setting it back."""
    found = relations(tx, "S")
    assert len(found) > 10
    for relation in found:
        own = relation.schema in OWN[role]
        for statement in ("select nextval(%s)", "select currval(%s)"):
            said = outcome(sessions[role], statement, [relation.name])
            assert (said in (DONE, "55000")) if own else (said == REFUSED), (relation.name, statement)
        for statement in (f"select setval('{relation.name}', 1)", f"alter sequence {relation.name} restart"):
            assert outcome(sessions[role], statement) == REFUSED, statement


@pytest.mark.parametrize("role", LOGINS)
def test_every_function_of_ours_is_refused_but_ones_own(
    tx: Session, sessions: dict[str, Session], role: str
) -> None:
    """Called with nulls, changed, replaced and dropped: every function of every schema of ours."""
    found = tx.rows(
        "select n.nspname as schema, p.oid::regprocedure::text as signature, quote_ident(p.proname) as name,"
        " p.prorettype = 'trigger'::regtype as is_trigger,"
        " array(select format('null::%%s', t::regtype)"
        "         from unnest(p.proargtypes) with ordinality as a (t, n) order by n) as nulls"
        " from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace"
        " where n.nspname = any (%s) and p.prokind in ('f', 'p')",
        [OURS],
    )
    assert len(found) > 150
    for function in found:
        if not function["is_trigger"]:
            call = f"select {function['schema']}.{function['name']}({', '.join(function['nulls'])})"
            said = outcome(sessions[role], call)
            assert (said != REFUSED) is (function["schema"] in OWN[role]), (function["signature"], said)
        for change in (
            f"alter function {function['signature']} security invoker",
            f"alter function {function['signature']} reset all",
            f"drop function {function['signature']}",
            f"comment on function {function['signature']} is ''",
        ):
            assert outcome(sessions[role], change) == REFUSED, change


@pytest.mark.parametrize("role", LOGINS)
def test_every_type_of_ours_is_refused_but_the_queues_to_the_worker(
    tx: Session, sessions: dict[str, Session], role: str
) -> None:
    """Domains, enums and composite types, whose names alone would tell of the inside."""
    found = tx.rows(
        "select n.nspname as schema, t.oid::regtype::text as name from pg_type as t"
        " join pg_namespace as n on n.oid = t.typnamespace left join pg_class as c on c.oid = t.typrelid"
        " where n.nspname = any (%s) and t.typelem = 0 and (t.typtype in ('d', 'e') or c.relkind = 'c')",
        [OURS],
    )
    assert len(found) > 5
    for row in found:
        said = outcome(sessions[role], f"select null::{row['name']}")
        assert said == (DONE if row["schema"] in OWN[role] else REFUSED), row["name"]


@pytest.mark.parametrize("role", LOGINS)
def test_nothing_is_created_anywhere(tx: Session, sessions: dict[str, Session], role: str) -> None:
    """No table, view, function, type or sequence in any schema, no temporary one, no schema, no extension."""
    names = [row["nspname"] for row in tx.rows("select quote_ident(nspname) as nspname from pg_namespace")]
    assert {"public", "pg_catalog", *OURS} <= set(names)
    for schema in [name for name in names if not name.startswith(("pg_temp_", "pg_toast_temp_"))]:
        for statement in (
            f"create table {schema}.mine ()",
            f"create view {schema}.mine as select 1",
            f"create function {schema}.mine() returns int language sql return 1",
            f"create type {schema}.mine as (a int)",
            f"create domain {schema}.mine as int",
            f"create sequence {schema}.mine",
            f"create operator {schema}.=== (leftarg = int, rightarg = int, function = int4eq)",
        ):
            assert outcome(sessions[role], statement) == REFUSED, statement
    extensions = tx.rows("select quote_ident(name) as name from pg_available_extensions")
    for statement in (
        "create temporary table mine ()",
        "create temporary view mine as select 1",
        "create temporary sequence mine",
        "select 1 as a into temporary mine",
        "create domain pg_temp.text as pg_catalog.text",
        "create function pg_temp.mine() returns int language sql return 1",
        "create schema mine",
        "create schema authorization rubis_owner",
        *(f"create extension {row['name']}" for row in extensions if row["name"] != "plpgsql"),
        "create language mine handler plpgsql_call_handler",
        "create foreign data wrapper mine",
        "create publication mine",
        "create event trigger mine on ddl_command_start execute function api.readiness()",
        "create cast (text as int) without function",
    ):
        assert outcome(sessions[role], statement) in (REFUSED, "0A000"), statement


@pytest.mark.parametrize("role", LOGINS)
def test_no_role_is_taken_made_or_changed(tx: Session, sessions: dict[str, Session], role: str) -> None:
    """Every role of the server: not by SET ROLE, not by SET SESSION AUTHORIZATION, not by a grant."""
    found = {row["rolname"] for row in tx.rows("select rolname from pg_roles")}
    assert len(found) > 15
    for other in found - {role, "pg_database_owner"}:  # which has no members but the database's owner
        for statement in (
            f"set role {other}",
            f"set session authorization {other}",
            f"grant {other} to {role}",
            f"grant {role} to {other}",
            f"alter role {other} password 'x'",
            f"alter role {other} set search_path = public",
            f"drop role {other}",
        ):
            assert outcome(sessions[role], statement) in (REFUSED, "0LP01", "42939"), statement
    for statement in (
        "create role mine",
        f"alter role {role} superuser",
        f"alter role {role} createrole",
        f"alter role {role} createdb",
        f"alter role {role} bypassrls",
        f"alter role {role} replication",
        "alter role all set search_path = public",
        f"alter default privileges for role rubis_owner grant select on tables to {role}",
        "reassign owned by rubis_owner to current_user",
        "drop owned by rubis_owner",
        "create database mine",
        "drop database postgres",
        "alter database postgres set search_path = public",
        "alter system set archive_command = 'true'",
        "alter system reset all",
        "create tablespace mine location '/tmp'",
        "create subscription mine connection 'host=localhost' publication mine",
        "vacuum full rubis.invoice",
        "checkpoint",
        "load '$libdir/../mine'",
    ):
        assert outcome(sessions[role], statement) in (REFUSED, "25001"), statement


@pytest.mark.parametrize("role", LOGINS)
def test_settings_that_are_the_servers_stay(tx: Session, sessions: dict[str, Session], role: str) -> None:
    """Each setting that is not a session's own, session_replication_role among them."""
    found = tx.rows("select name, setting from pg_settings where context <> 'user' order by 1")
    assert {"session_replication_role", "log_statement", "fsync"} <= {row["name"] for row in found}
    for row in found:
        said = outcome(sessions[role], "select set_config(%s, %s, false)", [row["name"], row["setting"]])
        assert said in (REFUSED, "55P02"), (row["name"], said)
        assert not tx.value(
            "select has_parameter_privilege(%s, %s, 'set, alter system')", [role, row["name"]]
        )


@pytest.mark.parametrize("role", LOGINS)
def test_what_postgresql_keeps_from_everybody_is_kept(
    tx: Session, sessions: dict[str, Session], role: str
) -> None:
    """Files, programs, other sessions: each function and table that PUBLIC may not use, none may use."""
    functions = {
        row["name"]: row["may"]
        for row in tx.rows(
            "select p.oid::regprocedure::text as name, has_function_privilege(%s, p.oid, 'execute') as may"
            " from pg_proc as p where p.pronamespace = 'pg_catalog'::regnamespace"
            " and not has_function_privilege('public', p.oid, 'execute')",
            [role],
        )
    }
    assert {"pg_read_file(text)", "pg_ls_dir(text)", "lo_import(text)", "lo_export(oid,text)"} <= set(
        functions
    )
    assert not any(functions.values()), functions
    tables = tx.rows(
        "select c.oid::regclass::text as name from pg_class as c"
        " where c.relnamespace in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        " and c.relkind in ('r', 'v') and not has_table_privilege('public', c.oid, 'select')"
        " and not has_any_column_privilege('public', c.oid, 'select')"
    )
    assert "pg_authid" in {row["name"] for row in tables}
    for row in tables:
        assert outcome(sessions[role], f"select from {row['name']}") == REFUSED, row["name"]
    for relation in tx.rows(
        "select c.oid::regclass::text as name from pg_class as c"
        " where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r'"
    ):
        for right in ("insert", "update", "delete", "truncate", "references", "trigger"):
            assert not tx.value("select has_table_privilege(%s, %s, %s)", [role, relation["name"], right])
    for statement in (
        "select pg_read_file('PG_VERSION')",
        "select pg_ls_dir('.')",
        "select lo_import('/etc/hostname')",
        "copy (select 1) to program 'true'",
        "copy (select 1) to '/tmp/rubis-test'",
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
        "select pg_reload_conf()",
    ):
        assert outcome(sessions[role], statement) == REFUSED, statement
    seen = sessions[role].rows("select query from pg_stat_activity where usename <> current_user")
    assert {row["query"] for row in seen} == {"<insufficient privilege>"}


def test_no_door_leads_out_of_the_database(tx: Session) -> None:
    """No extension (dblink, file_fdw, ...), foreign server, untrusted language or subscription is there."""
    assert [row["extname"] for row in tx.rows("select extname from pg_extension")] == ["plpgsql"]
    assert tx.rows("select srvname from pg_foreign_server") == []
    assert tx.rows("select fdwname from pg_foreign_data_wrapper") == []
    assert tx.value("select count(*) from pg_stat_subscription where subid is not null") == 0
    usable = tx.rows("select lanname from pg_language where lanpltrusted order by 1")
    assert [row["lanname"] for row in usable] == ["plpgsql", "sql"]


def test_a_large_object_is_its_makers_alone(shared: str, sessions: dict[str, Session]) -> None:
    """Anybody may make one, PostgreSQL being what it is; nobody else reads, writes or removes it."""
    maker = connect(make_conninfo(shared, user="rubis_api"))
    made = maker.value("select lo_from_bytea(0, '\\x00')")
    try:
        for role in {*LOGINS} - {"rubis_api"}:
            for statement in (
                "select lo_get(%s)",
                "select lo_put(%s, 0, '\\x01')",
                "select lo_open(%s, 262144)",
                "select lo_unlink(%s)",
            ):
                assert outcome(sessions[role], statement, [made]) == REFUSED, (role, statement)
    finally:
        maker.value("select lo_unlink(%s)", [made])
        maker.connection.close()
