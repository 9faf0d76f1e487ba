create or replace function rubis.finish_questions(p_mail rubis.mail, p_attempt smallint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- The questions of an accepted attempt were asked. A question that a later attempt has in hand is
-- left to that one; the link of this one works, so a question asked by a later one stays open as
-- long as the link does.
--   Called by  rubis.finish_mail
--   Writes     checkin_task, activity_event
declare
  v_now timestamptz := rubis.clock();
begin
  with carried as (
    select t.checkin_task_id, t.invoice_id, t.status,
           (l.mail_id, l.attempt) = (p_mail.mail_id, p_attempt) as is_latest
      from rubis.mail_item as x
      join rubis.checkin_task as t
        on t.organization_id = x.organization_id and t.checkin_task_id = x.checkin_task_id
     cross join lateral rubis.latest_attempt(x.organization_id, x.checkin_task_id, null) as l
     where x.organization_id = p_mail.organization_id and x.mail_id = p_mail.mail_id
       and x.attempt = p_attempt
  ), asked as (
    update rubis.checkin_task as t
       set status = 'sent', hold_reason = null,
           sent_at = case when c.status = 'sent' then t.sent_at else v_now end,
           expires_at = greatest(t.expires_at, v_now + interval '24 hours')
      from carried as c
     where t.organization_id = p_mail.organization_id and t.checkin_task_id = c.checkin_task_id
       and (c.status = 'sent'
            or (c.is_latest and c.status in ('scheduled', 'held', 'sending')))
    returning t.checkin_task_id, t.invoice_id, c.status
  )
  insert into rubis.activity_event (
    organization_id, kind, invoice_id, checkin_task_id, occurred_at)
  select p_mail.organization_id, 'checkin_sent', a.invoice_id, a.checkin_task_id, v_now
    from asked as a
   where a.status <> 'sent';
end;
$$;
comment on function rubis.finish_questions(rubis.mail, smallint) is
  'Mark the questions of an accepted attempt as asked.';
