create or replace function rubis.schedule_relance(p_organization_id bigint, p_invoice_id bigint, p_asked_at timestamptz)
returns void
language plpgsql volatile
set search_path = ''
as $$
-- Put the invoice's next relance ahead, or move the one that is, to its day and never within 24 h of the check-in.
-- One that is queued or on its way stays as it is. No plan, or no step left: none is ahead.
--   Called by  rubis.await_payment, api.ask_checkin_again
--   Writes     relance
declare
  v_next record;
begin
  select i.organization_id, i.invoice_id, s.relance_plan_id, s.step, s.tone,
         rubis.relance_at(i.due_on, s.days_after_due, o.relance_time, o.time_zone, p_asked_at + interval '24 hours') as at
    into v_next
    from rubis.invoice as i
    join rubis.organization as o on o.organization_id = i.organization_id
    join rubis.relance_plan as p on p.organization_id = i.organization_id and p.is_default
    join rubis.relance_plan_step as s on s.organization_id = p.organization_id and s.relance_plan_id = p.relance_plan_id
   where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id
     and s.step > coalesce((
       select max(r.step) from rubis.relance as r
        where r.organization_id = p_organization_id and r.invoice_id = p_invoice_id and r.status = 'sent'), 0)
   order by s.step limit 1;
  if not found then
    return;
  end if;
  insert into rubis.relance as r (
    organization_id, invoice_id, relance_plan_id, step, tone, scheduled_at, next_attempt_at)
  values (
    v_next.organization_id, v_next.invoice_id, v_next.relance_plan_id, v_next.step, v_next.tone, v_next.at, v_next.at)
  on conflict (organization_id, invoice_id) where status in ('scheduled', 'held', 'queued', 'sending', 'unconfirmed')
  do update
     set scheduled_at = excluded.scheduled_at,
         next_attempt_at = case r.status when 'scheduled' then excluded.next_attempt_at end
   where r.status in ('scheduled', 'held');
end;
$$;
comment on function rubis.schedule_relance(bigint, bigint, timestamptz) is
  'Schedule or move the next relance of an invoice whose check-in is asked at p_asked_at.';
