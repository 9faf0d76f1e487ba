-- What an insert in bulk has left, but for ids and the moment: both ways must have written the
-- same.

select count(*), count(distinct t.checkin_task_id), count(distinct r.relance_id),
       count(distinct e.activity_event_id),
       (select count(*) from rubis.wake),
       md5(string_agg(
         concat_ws(' ', i.number, i.organization_id, i.client_id, i.user_id, i.due_on,
           i.amount_cents, i.schedule_version, t.status, t.scheduled_at, r.relance_plan_id, r.step,
           r.tone, r.status, r.scheduled_at, r.next_look_at, e.kind),
         '|' order by i.organization_id, i.number))
  from rubis.invoice as i
  left join rubis.checkin_task as t on t.organization_id = i.organization_id
    and t.invoice_id = i.invoice_id
  left join rubis.relance as r on r.organization_id = i.organization_id
    and r.invoice_id = i.invoice_id
  left join rubis.activity_event as e on e.organization_id = i.organization_id
    and e.invoice_id = i.invoice_id;
