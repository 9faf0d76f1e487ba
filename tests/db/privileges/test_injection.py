"""Text is text: no function of api or worker runs, formats or loses what it is given.

Every parameter that can carry text is tried, those of a new function too: they come from the catalogue.
"""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from app.deploy.deployment import DB_FOLDER
from tests.support.cast import Cast
from tests.support.database import Database
from tests.support.injection import STRINGS, texts
from tests.support.letters import pending, sending_letter
from tests.support.line import Transaction
from tests.support.session import Session
from tests.support.world import CHANGES, IDS, TOKEN, VALUES, World

FUNCTIONS = sorted(
    path.stem for schema in ("api", "worker") for path in DB_FOLDER.glob(f"functions/*/{schema}.*.sql")
)
ROWS = IDS | {
    "p_mail_id": "mail",
}
BY_TYPE: dict[str, Any] = {
    "text": "x",
    "text[]": ["<x@rubis.test>"],
    "bytea[]": [bytes([number]) * 32 for number in range(30)],
    "bytea": b"x" * 32,
    "bigint": 1,
    "bigint[]": [1],
    "integer": 2027,
    "date": date(2026, 3, 1),
    "interval": timedelta(days=1),
    "uuid": "00000000-0000-4000-8000-000000000000",
    "integer[]": [1],
    "interval[]": [timedelta(minutes=1)],
    "timestamp with time zone": datetime(2026, 3, 1, tzinfo=UTC),
    "jsonb": {},
}
KNOWN: dict[str, Any] = {
    **{name: value for name, value in VALUES.items() if value is not None},
    "p_attempt": 1,
    "p_failure_class": "unknown",
    "p_locale": "fr",
    "p_calendar": "FR",
    "p_holidays": [{"day": "2027-01-01", "name": "Jour de l'an"}],
}
IGNORED = {
    ("api.create_relance_plan", "p_steps"),
    ("api.put_relance_plan", "p_steps"),
    ("worker.finish_mails", "p_results"),
}
"""A step has no text but its tone, one of three; what else it brings is not looked at. Nor is what a result
has beside its names; the subject and body that are kept are those of worker.fail_mail too."""

OURS_OR_DATA = ("RB", "22", "23")
"""Errors of ours, of values, of constraints. Class 42 would mean: read as SQL, or done with other rights."""

CHECK_VIOLATION = "23514"


def reopenable(cast: Cast) -> None:
    """The newest invoice is paid."""
    cast.dba(
        "update rubis.invoice set status = 'paid' where organization_id = %s and invoice_id ="
        " (select max(invoice_id) from rubis.invoice where organization_id = %s)",
        *[cast.organization_id] * 2,
    )


def letter_in_hand(cast: Cast) -> None:
    """The newest mail is a letter that is being sent."""
    today = cast.now().date() - timedelta(days=9)
    cast.api("update_client", client_id=client(cast), changes=cast.json({"relance_plan_id": None}))
    invoice_id = pending(cast, client_id=client(cast), client_name=None, client_email=None,
                         issued_on=today, due_on=today)  # fmt: skip
    sending_letter(cast, invoice_id)


def client(cast: Cast) -> int:
    """The newest client."""
    newest: int = max(item["client_id"] for item in cast.api("list_clients", limit=50, cursor=None)["items"])
    return newest


BEFORE: dict[str, Callable[[Cast], Any]] = {
    "api.reopen_invoice": reopenable,
    "worker.fail_mail": letter_in_hand,
}
"""What has to be so for a function to come to write what it is given."""


def signature(session: Session, function: str) -> dict[str, str]:
    """The parameters of a function and their types."""
    rows = session.rows(
        "select a.name, format_type(a.type, null) as type from pg_proc as p,"
        " unnest(p.proargnames[:p.pronargs], p.proargtypes::oid[]) with ordinality as a (name, type, place)"
        " where p.oid = %s::regproc order by a.place",
        [function],
    )
    return {row["name"]: row["type"] for row in rows}


def arguments(world: World, function: str) -> dict[str, Any]:
    """Plausible arguments: with the user's own token and rows."""
    filled: dict[str, Any] = {}
    for name, kind in signature(world.session, function).items():
        if name == TOKEN and function != "api.register":
            filled[name] = world.mine.access
        elif name == "p_organization_id":
            filled[name] = world.mine.organization_id
        elif name in ROWS or name == "p_invoice_ids":
            newest = world.newest(world.mine, ROWS.get(name, "invoice"))
            filled[name] = newest if name in ROWS else [newest]
        elif name == "p_mails":
            filled[name] = [[world.mine.organization_id, world.newest(world.mine, "mail")]]
        elif name == "p_results":
            filled[name] = [
                {
                    "organization_id": world.mine.organization_id,
                    "mail_id": world.newest(world.mine, "mail"),
                    "attempt": 1,
                    "subject": "Facture",
                    "body": "Bonjour",
                }
            ]
        elif function == "api.answer_checkin" and kind == "bytea":
            filled[name] = world.session.value(
                "select token_hash from rubis.mail_item join rubis.mail using (organization_id, mail_id)"
                " where organization_id = %s and kind = 'questions' order by mail_id desc limit 1",
                [world.mine.organization_id],
            )
        elif kind == "bytea":
            filled[name] = secrets.token_bytes(32)
        else:
            filled[name] = CHANGES.get(function, KNOWN.get(name, BY_TYPE[kind]))
    if function == "api.create_invoice":
        filled |= {"p_client_id": None, "p_client_name": "Dupont", "p_client_email": "a@b.test"}
    return filled


def poisoned(value: Any, text: str) -> Iterator[Any]:
    """The document with this text in each place that holds one, as a key, and instead of it all."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            for other in poisoned(item, text):
                yield [*value[:index], other, *value[index + 1 :]]
    elif isinstance(value, dict):
        yield value | {text: text}
        for key, item in value.items():
            for other in poisoned(item, text):
                yield value | {key: other}
    yield text


def attempts(world: World, function: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(parameter, text, arguments) of every call to try."""
    types = signature(world.session, function)
    given = arguments(world, function)
    plain = {name: Jsonb(value) if types[name] == "jsonb" else value for name, value in given.items()}
    for name, kind in types.items():
        for text in STRINGS:
            if kind == "text":
                yield name, text, plain | {name: text}
            elif kind == "text[]":
                yield name, text, plain | {name: [text]}
            elif kind == "jsonb":
                for value in poisoned(given[name], text):
                    yield name, text, plain | {name: Jsonb(value)}
            else:
                assert kind in BY_TYPE, f"{function}: this test does not know how to fill a {kind}"


def everything(world: World) -> list[Any]:
    """Every row there is but those of the other organization."""
    mine = [json.loads(row["row"]) for row in chain.from_iterable(world.rows_of(world.mine).values())]
    for table in ("public_holiday", "holiday_year", "worker_heartbeat"):
        mine += [
            row["row"] for row in world.session.rows(f"select to_jsonb(t) as row from rubis.{table} as t")
        ]
    return mine


@pytest.mark.parametrize("function", FUNCTIONS)
def test_hostile_text_stays_text(world: World, function: str) -> None:
    """Nothing is run, nothing of others changes, and what is written is kept letter for letter."""
    if function in BEFORE:
        BEFORE[function](world.mine)
    others, before = world.rows_of(world.other), everything(world)
    reached = set()
    for name, text, params in attempts(world, function):
        with refusal() as refused, world.session.connection.transaction(force_rollback=True):
            with world.session.acting_as(f"rubis_{function.partition('.')[0]}"):
                result = world.session.call(function, **params)
            after = everything(world)
            if after != before and (function, name) not in IGNORED:
                reached.add(name)
                assert text in texts([result, after]), (function, name, text)
        assert all(code.startswith(OURS_OR_DATA) for code in refused), (function, name, text, refused)
        reached.update(code for code in refused if code == CHECK_VIOLATION)
    assert world.rows_of(world.other) == others
    assert reached or function not in BEFORE


@contextmanager
def refusal() -> Iterator[list[str]]:
    """Within: a database error ends it; its SQLSTATE is in the list."""
    codes: list[str] = []
    try:
        yield codes
    except psycopg.Error as error:
        codes.append(error.sqlstate or repr(error))


PLANT = """
create function pg_temp.trap() returns boolean language plpgsql as $$
begin
  if current_user = 'rubis_owner' then
    raise exception using errcode = 'XX999', message = 'run as rubis_owner';
  end if;
  return true;
end;
$$;
do $$
declare
  v_name text;
begin
  for v_name in
    select t.typname from pg_catalog.pg_type as t
     where t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace and t.typtype = 'b' and t.typelem = 0
  loop
    execute pg_catalog.format('create domain pg_temp.%1$I as pg_catalog.%1$I check (pg_temp.trap())', v_name);
  end loop;
  for v_name in
    select c.relname from pg_catalog.pg_class as c
     where c.relnamespace in ('rubis'::pg_catalog.regnamespace, 'pg_catalog'::pg_catalog.regnamespace)
       and c.relkind in ('r', 'v') and c.relname <> all (array['pg_authid', 'pg_subscription'])
  loop
    execute pg_catalog.format('create view pg_temp.%I as select pg_temp.trap() as trapped', v_name);
  end loop;
end;
$$;
grant execute on function pg_temp.trap() to public;
"""


def test_temporary_names_fool_nobody(database: Database) -> None:
    """What a caller puts into pg_temp under PostgreSQL's names and ours is not used by who acts as the owner.

    Only the owner may put anything there; here a DBA has undone that, so the functions alone must hold.
    """
    world = World(Transaction(database.owner()))
    database.admin.execute(f"grant temporary on database {database.dbname} to rubis_api, rubis_worker")
    names = "select nspname from pg_catalog.pg_namespace where oid = pg_catalog.pg_my_temp_schema()"
    for role in ("api", "worker"):
        session = database.session(f"rubis_{role}")
        session.execute(PLANT)
        database.admin.execute(f"grant usage on schema {session.value(names)} to public")
        for function in FUNCTIONS:
            if not function.startswith(f"{role}."):
                continue
            types = signature(world.session, function)
            params = {
                name: Jsonb(value) if types[name] == "jsonb" else value
                for name, value in arguments(world, function).items()
            }
            with refusal() as refused, session.connection.transaction(force_rollback=True):
                session.call(function, **params)
            assert all(code.startswith("RB") for code in refused), (function, refused)
