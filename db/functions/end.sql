-- After everything: check the bodies that begin.sql left unchecked, and record what this
-- transaction has deployed.

set local check_function_bodies = on;

do $$
declare
  v_routine record;
begin
  for v_routine in
    select p.oid, p.oid::regprocedure as signature, l.lanvalidator::regproc as validator
      from pg_proc as p
      join pg_language as l on l.oid = p.prolang
     where p.pronamespace = any (array['rubis', 'api', 'worker', 'audit']::regnamespace[])
       and l.lanname in ('sql', 'plpgsql')
  loop
    begin
      execute format('select %s(%s)', v_routine.validator, v_routine.oid);
    exception when others then
      raise exception using errcode = sqlstate,
        message = format('function %s: %s', v_routine.signature, sqlerrm);
    end;
  end loop;
end;
$$;

-- app/deploy/migrate.py says in this setting what it runs.
insert into rubis.deployment as d (component, release, checksum)
select r.component, r.release, r.checksum
from jsonb_to_recordset(nullif(current_setting('rubis.deploying', true), '')::jsonb)
  as r (component text, release text, checksum text)
on conflict (component) do update
  set release = excluded.release, checksum = excluded.checksum, deployed_at = rubis.clock()
  where d.checksum <> excluded.checksum;
