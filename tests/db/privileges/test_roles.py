"""What each role may do is what it is granted, and nothing comes by way of PUBLIC."""

from collections.abc import Iterator

import pytest
from psycopg.conninfo import make_conninfo

from tests.support.session import Session, connect

SCHEMAS = ["rubis", "api", "worker", "audit", "queue"]
LOGINS = ["rubis_api", "rubis_worker", "rubis_auditor"]
MAY_USE = {"rubis_api": {"api"}, "rubis_worker": {"worker", "queue"}, "rubis_auditor": {"audit"}}
MAY_READ = {"rubis_api": set[str](), "rubis_worker": {"queue"}, "rubis_auditor": {"audit"}}
RIGHTS = "select, insert, update, delete, truncate, references, trigger"

OURS = (
    "select p.oid, n.nspname as schema, p.oid::regprocedure::text as name, p.prosecdef, p.proconfig,"
    " p.proowner::regrole::text as owner from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace"
    " where n.nspname = any (%s)"
)


@pytest.mark.parametrize("role", [*LOGINS, "rubis_owner"])
def test_no_role_is_powerful(tx: Session, role: str) -> None:
    """None is a superuser, makes roles or databases, passes by row security or belongs to another role."""
    found = tx.row(
        "select rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication,"
        " exists (select from pg_auth_members as m where m.member = r.oid) as is_member"
        " from pg_roles as r where rolname = %s",
        [role],
    )
    assert found.pop("rolcanlogin") == (role != "rubis_owner")
    assert set(found.values()) == {False}


@pytest.mark.parametrize("role", LOGINS)
def test_schemas_may_be_used_as_granted(tx: Session, role: str) -> None:
    """The API enters api, the worker its own and the queue, the auditor audit; none creates anything."""
    assert set(SCHEMAS) == {
        row["nspname"]
        for row in tx.rows("select nspname from pg_namespace where nspowner = 'rubis_owner'::regrole")
    }
    for schema in SCHEMAS:
        assert tx.value("select has_schema_privilege(%s, %s, 'usage')", [role, schema]) == (
            schema in MAY_USE[role]
        ), schema
    for schema in [*SCHEMAS, "public", "pg_catalog", "information_schema"]:
        assert not tx.value("select has_schema_privilege(%s, %s, 'create')", [role, schema]), schema
    assert not tx.value("select has_database_privilege(%s, current_database(), 'create')", [role])


@pytest.mark.parametrize("role", LOGINS)
def test_no_privilege_on_any_table(tx: Session, role: str) -> None:
    """Not one right on a table, view, column or sequence; the auditor reads audit and writes nothing."""
    relations = tx.rows(
        "select c.oid, n.nspname as schema, c.relname as name, c.relkind::text as kind"
        " from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        " where n.nspname = any (%s) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')",
        [SCHEMAS],
    )
    assert len(relations) > 40
    for relation in relations:
        if relation["schema"] in MAY_READ[role] and role == "rubis_worker":
            continue
        if relation["kind"] == "S":
            rights = tx.value(
                "select has_sequence_privilege(%s, %s, 'usage, select, update')", [role, relation["oid"]]
            )
            assert not rights, relation["name"]
            continue
        reads = relation["schema"] in MAY_READ[role]
        writes = RIGHTS.removeprefix("select, ")
        parameters = [role, relation["oid"]]
        assert tx.value("select has_table_privilege(%s, %s, 'select')", parameters) == reads, relation["name"]
        assert not tx.value(f"select has_table_privilege(%s, %s, '{writes}')", parameters), relation["name"]
        column_rights = "insert, update, references" if reads else "select, insert, update, references"
        assert not tx.value(f"select has_any_column_privilege(%s, %s, '{column_rights}')", parameters), (
            relation["name"]
        )


@pytest.mark.parametrize("role", LOGINS)
def test_functions_may_be_called_as_granted(tx: Session, role: str) -> None:
    """All functions of the role's own schema; the auditor's views call some of rubis, beyond its reach."""
    for function in tx.rows(OURS, [SCHEMAS]):
        may = tx.value("select has_function_privilege(%s, %s::oid, 'execute')", [role, function["oid"]])
        if role == "rubis_auditor" and function["schema"] == "rubis":
            continue
        assert may == (function["schema"] in MAY_USE[role]), function["name"]


def test_public_has_nothing(tx: Session) -> None:
    """No right on any schema, table, sequence, function or type of ours, nor on one made tomorrow."""
    granted = tx.rows(
        "select o.name from ("
        " select nspname::text as name, nspacl as acl, nspname, 'n' as kind, nspowner as owner"
        "  from pg_namespace"
        " union all select c.oid::regclass::text, c.relacl, n.nspname,"
        "  case c.relkind when 'S' then 's' else 'r' end, c.relowner"
        "  from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        "  where c.relkind in ('r', 'v', 'S')"
        " union all select p.oid::regprocedure::text, p.proacl, n.nspname, 'f', p.proowner"
        "  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace"
        " union all select t.oid::regtype::text, t.typacl, n.nspname, 'T', t.typowner"
        "  from pg_type as t join pg_namespace as n on n.oid = t.typnamespace"
        "  where t.typtype in ('d', 'e')"
        "  or t.typrelid in (select oid from pg_class where relkind = 'c')) as o"
        ' cross join lateral aclexplode(coalesce(o.acl, acldefault(o.kind::"char", o.owner))) as a'
        " where o.nspname = any (%s) and a.grantee = 0",
        [SCHEMAS],
    )
    assert granted == []
    tx.execute("create function api.tomorrow() returns int language sql as 'select 1'")
    assert not tx.value("select has_function_privilege('public', 'api.tomorrow()', 'execute')")


FOR_VIEWS = ("rubis.relance_outlook(", "rubis.relance_verdict(")
"""Called by views of audit, whose reader has no privilege on tables; see audit.exceptions."""


def test_every_function_is_pinned_and_owned(tx: Session) -> None:
    """Owned by rubis_owner; SECURITY DEFINER where the API and the worker call; search_path fixed."""
    functions = tx.rows(OURS, [["rubis", "api", "worker", "audit"]])
    assert len(functions) > 60
    pinned = {"search_path=pg_catalog, pg_temp", "search_path=queue, pg_temp"}
    for function in functions:
        assert function["owner"] == "rubis_owner", function["name"]
        definer = function["schema"] in ("api", "worker") or function["name"].startswith(FOR_VIEWS)
        assert function["prosecdef"] == definer, function["name"]
        assert len(pinned & set(function["proconfig"] or [])) == 1, function["name"]
    through_the_door = {f["name"] for f in functions if "search_path=queue, pg_temp" in f["proconfig"]}
    assert through_the_door == {"rubis.defer_jobs(text,text,jsonb[])", "rubis.drop_stalled_jobs()"}


@pytest.fixture(scope="module")
def sessions(shared: str) -> Iterator[dict[str, Session]]:
    """A session logged in as each role: SET ROLE would be judged by who logged in."""
    opened = {role: connect(make_conninfo(shared, user=role), autocommit=False) for role in LOGINS}
    yield opened
    for session in opened.values():
        session.connection.close()


@pytest.mark.parametrize("role", LOGINS)
@pytest.mark.parametrize(
    "statement",
    [
        "select * from rubis.invoice",
        "select count(*) from rubis.organization",
        "insert into rubis.rubis_entry default values",
        "update rubis.invoice set status = 'paid'",
        "delete from rubis.access_token",
        "truncate rubis.checkin_click",
        "select nextval('rubis.invoice_invoice_id_seq')",
        "select rubis.clock()",
        "select rubis.require_actor('')",
        "select null::rubis.actor",
        "lock table rubis.invoice",
        "copy rubis.invoice to stdout",
        "copy (select 1) to program 'true'",
        "comment on table rubis.invoice is ''",
        "alter function api.readiness() security invoker",
        "drop function api.readiness()",
        "create table public.mine ()",
        "create table rubis.mine ()",
        "create table api.mine ()",
        "create schema mine",
        "create function public.mine() returns int language sql as 'select 1'",
        "create trigger mine after insert on rubis.invoice execute function rubis.guard_status()",
        "create role mine",
        "alter role rubis_api superuser",
        "set session authorization rubis_owner",
        "set session_replication_role = replica",
        "select pg_read_file('PG_VERSION')",
    ],
)
def test_the_server_refuses_each_role_the_tables(
    sessions: dict[str, Session], role: str, statement: str
) -> None:
    """Said aloud, logged in as the role: insufficient privilege."""
    with sessions[role].raises("42501"):
        sessions[role].execute(statement)


@pytest.mark.parametrize("role", LOGINS)
def test_no_role_becomes_another(sessions: dict[str, Session], role: str) -> None:
    """A role cannot become another, however it is logged in."""
    for other in {*LOGINS, "rubis_owner", "postgres"} - {role}:
        with sessions[role].raises("42501"):
            sessions[role].execute(f"set role {other}")


@pytest.mark.parametrize("role", ["rubis_api", "rubis_worker"])
def test_no_session_waits_forever(sessions: dict[str, Session], role: str) -> None:
    """Statements, locks and open transactions of the API and the worker have an end."""
    for setting in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"):
        assert sessions[role].value("select current_setting(%s)::interval > '0'", [setting]), setting


@pytest.mark.parametrize("role", ["rubis_api", "rubis_worker"])
def test_a_plan_made_early_stays_on_its_index(sessions: dict[str, Session], role: str) -> None:
    """Sessions keep the plans that they made while tables were small."""
    assert sessions[role].value("select current_setting('enable_seqscan')") == "off"
    assert sessions[role].value("select current_setting('jit')") == "off"


@pytest.mark.parametrize("role", ["rubis_api", "rubis_worker"])
def test_audit_is_the_auditors(tx: Session, role: str) -> None:
    """No view of audit is read by the API or the worker; the auditor reads each of them."""
    views = tx.rows(
        "select c.oid::regclass::text as name from pg_class as c where relnamespace = 'audit'::regnamespace"
    )
    assert len(views) > 10
    for view in views:
        with tx.raises("42501"), tx.acting_as(role):
            tx.execute(f"select * from {view['name']} limit 1")
        with tx.acting_as("rubis_auditor"):
            tx.execute(f"select * from {view['name']} limit 1")
