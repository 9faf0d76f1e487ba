create or replace function rubis.fail_questions(
  p_mail rubis.mail, p_attempt smallint, p_failure_class text
)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- The questions of a failed attempt wait for the next one; one that was tried for a day, or whose
-- address was refused, fails. Failures of ours fail none and do not count towards the day.
--   Called by  rubis.fail_mail
--   Writes     checkin_task, activity_event
declare
  v_now timestamptz := rubis.clock();
  v_is_tried_again boolean;
begin
  with carried as (
    select t.checkin_task_id, p_failure_class = 'refused'
           or (p_failure_class <> 'operator'
               and rubis.tries_are_over(x.organization_id, x.checkin_task_id, null)) as fails
      from rubis.mail_item as x
      join rubis.checkin_task as t
        on t.organization_id = x.organization_id and t.checkin_task_id = x.checkin_task_id
     where x.organization_id = p_mail.organization_id and x.mail_id = p_mail.mail_id
       and x.attempt = p_attempt and t.status = 'sending'
  ), moved as (
    update rubis.checkin_task as t
       set status = case when c.fails then 'failed' else 'scheduled' end,
           ended_at = case when c.fails then v_now end,
           end_reason = case when c.fails then 'mail ' || p_failure_class end
      from carried as c
     where t.organization_id = p_mail.organization_id and t.checkin_task_id = c.checkin_task_id
    returning t.checkin_task_id, t.invoice_id, c.fails
  ), told as (
    insert into rubis.activity_event (
      organization_id, kind, label, invoice_id, checkin_task_id)
    select p_mail.organization_id, 'checkin_failed', 'mail ' || p_failure_class, m.invoice_id,
           m.checkin_task_id
      from moved as m
     where m.fails
    returning 1
  )
  select coalesce(bool_or(not m.fails), false) into v_is_tried_again from moved as m;
  return case when v_is_tried_again then 'scheduled'
    when p_failure_class = 'withdrawn' then 'cancelled' else 'failed' end;
end;
$$;
comment on function rubis.fail_questions(rubis.mail, smallint, text) is
  'Move the questions of a failed attempt; returns the status of the mail: scheduled or failed.';
