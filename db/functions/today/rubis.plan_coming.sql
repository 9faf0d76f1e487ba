create or replace function rubis.plan_coming(p_organization_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Plan again what comes next in an organization and is outdated, before it is shown: the relances
-- and questions that rubis.coming_steps looks at. It waits for no lock, and if nothing is outdated
-- it reads one row.
--   Called by  api.show_today, api.forecast
--   Writes     what rubis.plan_up_to_date writes
begin
  if not exists (
    select from rubis.invoice as i
      join rubis.organization as o on o.organization_id = i.organization_id
     where i.organization_id = p_organization_id and i.status = 'open'
       and i.schedule_version < o.schedule_version
  ) then
    return;
  end if;
  perform rubis.plan_up_to_date(p_organization_id, array(
    (select r.invoice_id from rubis.relance as r
      where r.organization_id = p_organization_id and r.status = 'scheduled'
      order by r.next_look_at limit 101)
    union
    (select t.invoice_id from rubis.checkin_task as t
      where t.organization_id = p_organization_id and t.status = 'scheduled'
      order by t.scheduled_at limit 201)));
end;
$$;
comment on function rubis.plan_coming(bigint) is
  'Plan the next relances and questions of an organization again, if they are outdated and no one '
  'holds them.';
