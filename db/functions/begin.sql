-- Before the functions: nobody writes to our tables while functions and triggers change under them.

-- Below deadlock_timeout, so that it is we who give way to live traffic; app/deploy/migrate.py tries again.
set local lock_timeout = '500ms';

-- Files may define functions in any order: end.sql checks all bodies.
set local check_function_bodies = off;

-- The project's lock order first (docs/dba.md), then the rest.
do $$
declare
  v_table regclass;
begin
  for v_table in
    select c.oid::regclass from pg_class as c
     where c.relnamespace = 'rubis'::regnamespace and c.relkind in ('r', 'p')
       and c.relname not in ('schema_version', 'deployment')
     order by array_position(
       array['import_draft', 'organization', 'client', 'relance_plan', 'invoice', 'checkin_task', 'relance', 'app_user']::name[],
       c.relname
     ) nulls last, c.relname
  loop
    execute format('lock table %s in share row exclusive mode', v_table);
  end loop;
end;
$$;

-- Views are made anew each time: replacing one cannot drop or reorder its columns.
do $$
declare
  v_views text := (
    select string_agg(c.oid::regclass::text, ', ') from pg_class as c
     where c.relnamespace = 'audit'::regnamespace and c.relkind = 'v'
  );
begin
  if v_views is not null then
    execute 'drop view ' || v_views;
  end if;
end;
$$;

-- A function whose return type or parameter names changed cannot be replaced. app/deploy/migrate.py then runs everything again with
-- this setting on, and all functions go first but those that a default, a check, an index or a trigger needs.
do $$
declare
  v_routines text := (
    select string_agg(p.oid::regprocedure::text, ', ') from pg_proc as p
     where p.pronamespace in ('rubis'::regnamespace, 'api'::regnamespace, 'worker'::regnamespace, 'audit'::regnamespace)
       and not exists (
         select from pg_depend as d
          where d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid and d.classid <> 'pg_proc'::regclass
       )
  );
begin
  if current_setting('rubis.redeploy', true) = 'drop' and v_routines is not null then
    execute 'drop routine ' || v_routines;
  end if;
end;
$$;
