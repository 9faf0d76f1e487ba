-- Before the functions: keep writers out of our tables while functions and triggers change.

-- Below deadlock_timeout, so that the migration gives way to live traffic; app/deploy/migrate.py
-- then tries again.
set local lock_timeout = '500ms';

-- Files may define functions in any order: end.sql checks all bodies.
set local check_function_bodies = off;

-- In the lock order of the functions that are deployed now, then the other tables. Before the first
-- deployment there is no order, and no function that follows one.
do $$
declare
  v_order text[];
  v_table regclass;
begin
  if to_regclass('audit.lock_order') is not null then
    execute 'select array_agg(o.table_name order by o.place) from audit.lock_order as o'
      into v_order;
  end if;
  for v_table in
    select c.oid::regclass from pg_class as c
     where c.relnamespace = 'rubis'::regnamespace and c.relkind in ('r', 'p')
       and c.relname not in ('schema_version', 'deployment')
     order by array_position(v_order, c.relname::text) nulls last, c.relname
  loop
    execute format('lock table %s in share row exclusive mode', v_table);
  end loop;
end;
$$;

-- Views are dropped and created at each deployment: replacing one cannot drop or reorder its
-- columns.
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

-- A function whose return type or parameter names changed cannot be replaced. app/deploy/migrate.py
-- then runs everything again with this setting on, and all functions go first but those that a
-- default, a check, an index or a trigger needs.
do $$
declare
  v_routines text := (
    select string_agg(p.oid::regprocedure::text, ', ') from pg_proc as p
     where p.pronamespace = any (array['rubis', 'api', 'worker', 'audit']::regnamespace[])
       and not exists (
         select from pg_depend as d
          where d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid
            and d.classid <> 'pg_proc'::regclass
       )
  );
begin
  if current_setting('rubis.redeploy', true) = 'drop' and v_routines is not null then
    execute 'drop routine ' || v_routines;
  end if;
end;
$$;
