create or replace function rubis.merge_wakes(p_limit int)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Move what has just become due into the agenda, which is only ever lowered here. An organization
-- whose agenda a tick holds is left for later: that tick raises it, from what it can see. One whose
-- ticks fail keeps its pause.
--   Called by  worker.due_organizations
--   Writes     agenda, wake
declare
  v_organization_ids bigint[];
begin
  select array_agg(l.organization_id) into v_organization_ids from (
    select a.organization_id from rubis.agenda as a
     where a.organization_id in (
       select l.organization_id from (
         select k.organization_id from rubis.wake as k limit p_limit) as l)
     order by a.organization_id
       for no key update skip locked) as l;
  with gone as (
    delete from rubis.wake as k
     where k.organization_id = any (v_organization_ids)
    returning k.organization_id, k.at
  ), lowest as (
    select g.organization_id, min(g.at) as at from gone as g group by g.organization_id
  )
  update rubis.agenda as a
     set next_due_at = l.at
    from lowest as l
   where a.organization_id = l.organization_id and a.failures = 0
     and (a.next_due_at > l.at or a.next_due_at is null);
end;
$$;
comment on function rubis.merge_wakes(int) is
  'Lower the agendas of the organizations that at least p_limit wakes are for.';
