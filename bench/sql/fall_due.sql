-- Invoices whose check-ins fall due one after the other, the first in lead seconds.

with issued as (
  insert into rubis.invoice (organization_id, client_id, user_id, number, issued_on, due_on,
    amount_cents)
  select o.id, (o.id - 1) * %(clients)s + 1, o.id, 'P-' || i, current_date - 30, current_date,
         10000 + i
    from generate_series(1, %(count)s) as i
   cross join lateral (select 1 + (i - 1) %% %(organizations)s) as o (id)
  returning organization_id, invoice_id
)
select count(*) from issued;

with moved as (
  select t.organization_id, t.checkin_task_id,
         now() + make_interval(
           secs => %(lead)s + %(spacing)s * row_number() over (order by t.checkin_task_id)) as at
    from rubis.checkin_task as t
)
update rubis.checkin_task as t
   set scheduled_at = m.at
  from moved as m
 where t.organization_id = m.organization_id and t.checkin_task_id = m.checkin_task_id;
