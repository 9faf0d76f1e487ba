-- What the database says of one invoice, a line for each part of it.
select i.status || coalesce(' via ' || i.paid_via, '') as invoice,
       (select coalesce(sum(e.delta), 0) from rubis.rubis_entry as e
         where e.organization_id = i.organization_id)::text as rubis,
       (select string_agg(
                 e.kind || coalesce(' (' || e.label || ')', ''), ', ' order by e.activity_event_id)
          from rubis.activity_event as e
         where e.organization_id = i.organization_id and e.invoice_id = i.invoice_id) as activity,
       (select t.status from rubis.checkin_task as t
         where t.organization_id = i.organization_id and t.invoice_id = i.invoice_id
         order by t.checkin_task_id desc limit 1) as checkin,
       (select string_agg(
                 format('step %%s %%s%%s', r.step, r.status,
                   coalesce(' (' || r.cancel_reason || ')', '')), ', '
                 order by r.relance_id)
          from rubis.relance as r
         where r.organization_id = i.organization_id and r.invoice_id = i.invoice_id) as relances
  from rubis.invoice as i
 where i.invoice_id = %(invoice_id)s;
