create or replace function rubis.plan_again(p_organization_id bigint, p_invoice_ids bigint[])
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Plan outdated invoices again by the settings and plans of now. A question moves if it stands at
-- its due date's moment under a version since the invoice's; the relance ahead is scheduled again.
-- What was due when the invoice's version ended keeps its moment, because it is about to leave. No
-- lock waits: what others hold stays outdated. The version is read before the settings: should
-- they change meanwhile, the invoice is outdated again. Who plans by older settings holds the
-- invoice, so this comes after.
--   Called by  rubis.replan_outdated, rubis.plan_up_to_date
--   Writes     checkin_task, relance, invoice
declare
  v_invoice_ids bigint[];
  v_version bigint;
  v_invoice record;
begin
  if cardinality(p_invoice_ids) = 0 then
    return 0;
  end if;
  v_invoice_ids := rubis.lock_outdated(p_organization_id, p_invoice_ids);
  select o.schedule_version into strict v_version from rubis.organization as o
   where o.organization_id = p_organization_id;
  update rubis.checkin_task as t
     set scheduled_at = m.at
    from (
      select t.checkin_task_id, rubis.checkin_at(i.due_on, o.checkin_time, o.time_zone) as at
        from rubis.invoice as i
        join rubis.organization as o on o.organization_id = i.organization_id
        join rubis.past_schedule as ended
          on ended.organization_id = i.organization_id
         and ended.schedule_version = i.schedule_version
        join rubis.checkin_task as t
          on t.organization_id = i.organization_id and t.invoice_id = i.invoice_id
         and t.status = 'scheduled'
       where i.organization_id = p_organization_id and i.invoice_id = any (v_invoice_ids)
         and t.scheduled_at > ended.ended_at
         and exists (
           select from rubis.past_schedule as s
            where s.organization_id = i.organization_id
              and s.schedule_version >= i.schedule_version
              and t.scheduled_at = (i.due_on + s.checkin_time) at time zone s.time_zone)) as m
   where t.organization_id = p_organization_id and t.checkin_task_id = m.checkin_task_id;
  for v_invoice in
    select i.invoice_id, ended.ended_at
      from rubis.invoice as i
      join rubis.past_schedule as ended
        on ended.organization_id = i.organization_id
       and ended.schedule_version = i.schedule_version
     where i.organization_id = p_organization_id and i.invoice_id = any (v_invoice_ids)
     order by i.invoice_id
  loop
    continue when exists (
      select from rubis.relance as r
       where r.organization_id = p_organization_id and r.invoice_id = v_invoice.invoice_id
         and r.status = 'scheduled' and (
           r.next_look_at <= v_invoice.ended_at
           -- Its letter is queued: rubis.gather_letters looks again after a minute.
           or (r.scheduled_at <= v_invoice.ended_at
             and r.next_look_at <= v_invoice.ended_at + interval '1 minute')));
    perform rubis.schedule_relance(p_organization_id, v_invoice.invoice_id);
  end loop;
  update rubis.invoice as i
     set schedule_version = v_version
   where i.organization_id = p_organization_id and i.invoice_id = any (v_invoice_ids);
  return cardinality(v_invoice_ids);
end;
$$;
comment on function rubis.plan_again(bigint, bigint[]) is
  'Plan those of these outdated invoices again that no one holds; returns how many.';
