-- Who may call what. Every privilege is taken back first and then granted, so this file is the
-- whole truth.

alter default privileges revoke execute on routines from public;
alter default privileges revoke usage on types from public;

revoke all on schema rubis, api, worker, audit, queue
from public, rubis_api, rubis_worker, rubis_auditor;
revoke all on all tables in schema rubis, api, worker, audit, queue
from public, rubis_api, rubis_worker, rubis_auditor;
revoke all on all sequences in schema rubis, api, worker, audit, queue
from public, rubis_api, rubis_worker, rubis_auditor;
revoke all on all routines in schema rubis, api, worker, audit, queue
from public, rubis_api, rubis_worker, rubis_auditor;

-- Types have no `all ... in schema`. A table's row type goes with its table.
do $$
declare
  v_type regtype;
begin
  for v_type in
    select t.oid::regtype from pg_type as t
      left join pg_class as c on c.oid = t.typrelid
     where t.typnamespace = any (array['rubis', 'api', 'worker', 'audit', 'queue']::regnamespace[])
       and t.typelem = 0 and (t.typtype in ('d', 'e') or c.relkind = 'c')
  loop
    execute format(
      'revoke all on type %s from public, rubis_api, rubis_worker, rubis_auditor', v_type);
  end loop;
end;
$$;

-- The HTTP API.
grant usage on schema api to rubis_api;
grant execute on all routines in schema api to rubis_api;

-- The worker. Procrastinate's client reads and writes its own tables.
grant usage on schema worker, queue to rubis_worker;
grant execute on all routines in schema worker, queue to rubis_worker;
grant select, insert, update, delete on all tables in schema queue to rubis_worker;
grant usage on all sequences in schema queue to rubis_worker;
do $$
declare
  v_type regtype;
begin
  for v_type in
    select t.oid::regtype from pg_type as t
      left join pg_class as c on c.oid = t.typrelid
     where t.typnamespace = 'queue'::regnamespace and t.typelem = 0
       and (t.typtype in ('d', 'e') or c.relkind = 'c')
  loop
    execute format('grant usage on type %s to rubis_worker', v_type);
  end loop;
end;
$$;

-- The auditor. The functions in a view run with its reader's rights, so the auditor needs these
-- too. Without USAGE on their schema the auditor cannot call them in another way.
grant usage on schema audit to rubis_auditor;
grant select on all tables in schema audit to rubis_auditor;
grant execute on all routines in schema audit to rubis_auditor;
do $$
declare
  v_routine regprocedure;
begin
  for v_routine in
    select distinct p.oid::regprocedure from pg_class as c
      join pg_rewrite as r on r.ev_class = c.oid
      join pg_depend as d
        on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
          and d.refclassid = 'pg_proc'::regclass
      join pg_proc as p on p.oid = d.refobjid
     where c.relnamespace = 'audit'::regnamespace and p.pronamespace = 'rubis'::regnamespace
  loop
    execute format('grant execute on routine %s to rubis_auditor', v_routine);
  end loop;
end;
$$;
