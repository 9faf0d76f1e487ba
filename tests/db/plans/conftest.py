"""A database with 100,000 invoices."""

from collections.abc import Iterator

import psycopg
import pytest
from pytest_postgresql.executors import NoopExecutor

from tests.support.cast import Cast
from tests.support.database import Server, grant_create
from tests.support.line import Transaction
from tests.support.session import connect

INVOICES = 100_000

# Four organizations, one of which has 70 % of all. Half of the invoices are settled; of the open ones most
# are not yet due, some are being asked about, and a day's worth waits for an answer. Triggers and foreign
# keys are off for speed: plans do not care.
LOAD = """
create temp table made on commit drop as
select n as invoice_id, case when n % 10 < 7 then 1 else n % 10 - 5 end as organization_id,
       case when n % 2 = 0 then 'paid' when n % 50 = 1 then 'cancelled' else 'open' end as status,
       date '2026-03-02' + (n % 400 - 200) as due_on,
       timestamptz '2026-03-01' - n * interval '7 minutes' as created_at
  from generate_series(1, {count}) as n;

insert into rubis.organization (organization_id, name) overriding system value
select n, 'Organization ' || n from generate_series(1, 4) as n;

insert into rubis.app_user (organization_id, user_id, email, full_name, password_hash, email_proven_at)
overriding system value
select n, n, n || '@atelier.test', 'User', '$argon2id$', '2026-01-01' from generate_series(1, 4) as n;

insert into rubis.access_token (organization_id, user_id, session_id, token_hash, expires_at)
select n % 4 + 1, n % 4 + 1, gen_random_uuid(), sha256(n::text::bytea), '2036-01-01'
  from generate_series(0, 19999) as n;

insert into rubis.relance_plan (organization_id, relance_plan_id, name, is_default) overriding system value
select n, n, 'Standard', true from generate_series(1, 4) as n;

insert into rubis.relance_plan_step (organization_id, relance_plan_id, step, days_after_due, tone)
select n, n, 1, 3, 'firm' from generate_series(1, 4) as n;

insert into rubis.client (organization_id, client_id, name) overriding system value
select o, 10000 * o + n, 'Client ' || n
  from generate_series(1, 4) as o
 cross join generate_series(1, 5000) as n;

insert into rubis.invoice (
  organization_id, invoice_id, client_id, user_id, number, issued_on, due_on, amount_cents, status,
  paid_at, paid_via, cancelled_at, created_at) overriding system value
select organization_id, invoice_id, 10000 * organization_id + invoice_id % 5000 + 1, organization_id,
       'F-' || invoice_id, due_on - 30, due_on, 100, status,
       case status when 'paid' then created_at end, case status when 'paid' then 'manual' end,
       case status when 'cancelled' then created_at end, created_at
  from made;

insert into rubis.agenda (organization_id, next_due_at)
select n, '2026-03-02' from generate_series(1, 4) as n;

insert into rubis.checkin_task (
  organization_id, checkin_task_id, invoice_id, status, scheduled_at, sent_at, expires_at, ended_at,
  end_reason)
overriding system value
select organization_id, invoice_id, invoice_id, t.status, t.at,
       case when t.status in ('sent', 'expired') then t.at end,
       case when t.status in ('sent', 'expired') then
         timestamptz '2026-03-03' + invoice_id % 1000 * interval '1 minute' end,
       case when t.status in ('cancelled', 'expired') then t.at end,
       case when t.status in ('cancelled', 'expired') then 'test' end
  from made
 cross join lateral (
   select due_on + time '09:00' at time zone 'UTC' as at,
          case when status <> 'open' then 'cancelled'
            when due_on > '2026-03-02' then 'scheduled'
            when invoice_id % 5 = 2 then 'sent'
            else 'expired' end as status) as t;

insert into rubis.mail (organization_id, mail_id, kind, user_id, status, attempts, ended_at, created_at)
overriding system value
select organization_id, invoice_id, 'questions', organization_id, 'sent', 1, created_at, created_at from made;

insert into rubis.mail_attempt (
  organization_id, mail_id, attempt, to_address, message_id, attempted_at, accepted_at)
select organization_id, invoice_id, 1, 'a@b.test', '<' || invoice_id || '@rubis.test>', created_at, created_at
  from made;

insert into rubis.mail_item (
  organization_id, mail_id, attempt, position, invoice_id, checkin_task_id, token_hash)
select organization_id, invoice_id, 1, 1, invoice_id, invoice_id, sha256(('mail ' || invoice_id)::bytea)
  from made;

insert into rubis.checkin_click (organization_id, mail_id, attempt, position, answer, outcome)
select organization_id, invoice_id, 1, 1, 'pending', 'pending' from made where invoice_id % 4 = 0;

insert into rubis.relance (
  organization_id, invoice_id, client_id, due_on, relance_plan_id, step, days_after_due, tone, status,
  scheduled_at, next_look_at,
  hold_reason, cancelled_at, cancel_reason)
select organization_id, invoice_id, 10000 * organization_id + invoice_id % 5000 + 1, due_on,
       organization_id, 1, 3, 'firm',
       case when status <> 'open' then 'cancelled'
            when due_on > '2026-03-02' then 'scheduled' else 'held' end,
       due_on + 3, case when status = 'open' and due_on > '2026-03-02' then due_on + 3 end,
       case when status = 'open' and due_on <= '2026-03-02' then 'owner_not_asked' end,
       case when status <> 'open' then created_at end, case when status <> 'open' then 'test' end
  from made;

insert into rubis.activity_event (organization_id, kind, invoice_id, occurred_at)
select organization_id, k.kind, invoice_id, created_at + k.later
  from made
 cross join (values ('invoice_created', interval '0'), ('invoice_paid', interval '3 days')) as k (kind, later)
 where k.kind = 'invoice_created' or status = 'paid';

insert into rubis.rubis_entry (organization_id, invoice_id, activity_event_id, delta)
select organization_id, invoice_id, activity_event_id, 1
  from rubis.activity_event where kind = 'invoice_paid';
"""


@pytest.fixture(scope="module")
def crowd(server: Server, template: NoopExecutor) -> Iterator[Cast]:
    """A cast in that database: an organization of its own beside the crowd's."""
    with server.empty_database(f"{template.dbname}_crowd", template=template.template_dbname) as conninfo:
        with psycopg.connect(conninfo) as connection:
            grant_create(connection)
            connection.execute("set session_replication_role = replica")
            connection.execute(LOAD.format(count=INVOICES).encode())
            for table in (
                "organization",
                "app_user",
                "client",
                "invoice",
                "checkin_task",
                "relance_plan",
                "mail",
            ):
                column = {"app_user": "user_id"}.get(table, f"{table}_id")
                connection.execute(
                    f"select setval(pg_get_serial_sequence('rubis.{table}', '{column}'), 1000000)".encode()
                )
            connection.commit()
            connection.autocommit = True
            connection.execute("vacuum analyze")
        session = connect(conninfo, role="rubis_owner", autocommit=False)
        cast = Cast(Transaction(session))
        session.connection.commit()
        yield cast
        session.connection.close()
