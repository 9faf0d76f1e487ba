create or replace function rubis.user_mail_items(
  p_organization_id bigint, p_mail_id bigint, p_attempt smallint, p_used int
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- What an attempt of a mail to a user says: each question, receipt, or other item.
--   Called by  rubis.begin_user_mail
  select coalesce(jsonb_agg(
    jsonb_build_object(
      'position', x.position, 'token', p_used + x.position,
      'checkin_task_id', x.checkin_task_id, 'invoice_id', x.invoice_id,
      'number', i.number, 'client_name', c.name, 'amount_cents', i.amount_cents,
      'currency', i.currency, 'issued_on', i.issued_on, 'due_on', i.due_on)
      || case m.kind
           when 'questions' then jsonb_build_object(
             'reminders', rubis.reminders_after_pending(x.organization_id, x.invoice_id),
             'is_sample', i.is_sample)
           when 'receipts' then jsonb_build_object(
             'answered_at', t.answered_at, 'answered_via', t.answered_via)
           else m.data end
      order by x.position), '[]')
    from rubis.mail_item as x
    join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
    left join rubis.checkin_task as t
      on t.organization_id = x.organization_id and t.checkin_task_id = x.checkin_task_id
    left join rubis.invoice as i
      on i.organization_id = x.organization_id and i.invoice_id = x.invoice_id
    left join rubis.client as c
      on c.organization_id = i.organization_id
     and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
   where x.organization_id = p_organization_id and x.mail_id = p_mail_id
     and x.attempt = p_attempt;
$$;
comment on function rubis.user_mail_items(bigint, bigint, smallint, int) is
  'The items of an attempt as JSON; token: the place of the item''s hash among those of the batch.';
