-- After the functions and triggers: drop each one in our schemas that this transaction has not
-- written, because its file is gone. It must come before grants.sql, which writes to every
-- function's row. xmin is the transaction that wrote a row.

do $$
declare
  v_trigger record;
begin
  for v_trigger in
    select t.tgname, t.tgrelid::regclass as tgtable from pg_trigger as t
      join pg_class as c on c.oid = t.tgrelid
     where c.relnamespace in ('rubis'::regnamespace, 'audit'::regnamespace)
       and not t.tgisinternal and t.tgparentid = 0
       and t.xmin <> pg_current_xact_id()::xid
  loop
    raise log 'rubis migrate drops trigger % on %', v_trigger.tgname, v_trigger.tgtable;
    execute format('drop trigger %I on %s', v_trigger.tgname, v_trigger.tgtable);
  end loop;
end;
$$;

do $$
declare
  v_routines text := (
    select string_agg(p.oid::regprocedure::text, ', ') from pg_proc as p
     where p.pronamespace = any (array['rubis', 'api', 'worker', 'audit']::regnamespace[])
       and p.prokind in ('f', 'p')
       and p.xmin <> pg_current_xact_id()::xid
       and not exists (
         select from pg_depend as d
          where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
       )
  );
begin
  if v_routines is not null then
    raise log 'rubis migrate drops %', v_routines;
    execute 'drop routine ' || v_routines;
  end if;
end;
$$;
