create or replace function rubis.checkin_standing(
  p_task rubis.checkin_task, p_invoice rubis.invoice, p_mailed_at timestamptz
)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether a link mailed at p_mailed_at can still answer the question.
--   Called by  api.answer_checkin, api.confirm_checkin, api.look_at_checkin
  select case
    when p_task.status = 'answered' or p_invoice.status <> 'open' then 'already_answered'
    when p_task.status in ('cancelled', 'expired')
      or rubis.clock() >= p_mailed_at + interval '24 hours'
      -- A newer question replaces this one: a failed check-in cannot be cancelled, but its mail may
      -- show old facts.
      or exists (
        select from rubis.checkin_task as t
         where t.organization_id = p_task.organization_id and t.invoice_id = p_task.invoice_id
           and t.checkin_task_id > p_task.checkin_task_id) then 'expired'
    else 'open' end;
$$;
comment on function rubis.checkin_standing(rubis.checkin_task, rubis.invoice, timestamptz) is
  'How a check-in stands for a link of one of its mails: open, already_answered or expired.';
