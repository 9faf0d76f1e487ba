create or replace function worker.fail_organization(p_organization_id bigint, p_detail text)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- The tick of an organization failed and was rolled back: record it, and try again after 1, 2, 4
-- ... seconds, at most five minutes. The others are not kept waiting.
--   Called by  worker/tick.py, worker.tick_organization
--   Writes     agenda
begin
  update rubis.agenda as a
     set failures = least(a.failures + 1, 1000), failed_at = rubis.clock(),
         failure_detail = left(p_detail, 500),
         next_due_at = rubis.clock()
           + least(power(2, least(a.failures, 10)) * interval '1 second', interval '5 minutes')
   where a.organization_id = p_organization_id;
end;
$$;
comment on function worker.fail_organization(bigint, text) is
  'Record that the tick of an organization failed, and put it off.';
