create or replace function rubis.relance_gate(p_invoice rubis.invoice, p_at timestamptz)
returns rubis.verdict
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether the owner was asked and no link can answer any more. If p_at is in the future, a
-- live check-in is assumed to expire unanswered; at the moment of sending it holds the relance.
--   Called by  rubis.relance_verdict
declare
  v_task rubis.checkin_task;
  v_closes_at timestamptz;
  v_proven boolean;
begin
  select t.* into v_task from rubis.checkin_task as t
   where t.organization_id = p_invoice.organization_id and t.invoice_id = p_invoice.invoice_id
   order by t.checkin_task_id desc limit 1;
  if v_task.status is null or v_task.status in ('failed', 'cancelled') then
    return row('hold', 'owner_not_asked', null)::rubis.verdict;
  end if;
  if v_task.status in ('scheduled', 'queued', 'sending', 'sent') then
    v_closes_at := coalesce(
      v_task.expires_at,
      greatest(v_task.scheduled_at, v_task.next_attempt_at, rubis.clock()) + interval '24 hours');
    if p_at <= rubis.clock() then
      return row('hold', 'owner_being_asked', null)::rubis.verdict;
    end if;
  else
    -- Every link mailed for the question must be used or have run out, and the time to contradict
    -- an answer by link must be over.
    select greatest(
             max(coalesce(m.accepted_at, m.attempted_at)) + interval '24 hours',
             case v_task.answered_via when 'link' then v_task.answered_at + (
               select o.contradiction_seconds * interval '1 second' from rubis.organization as o
                where o.organization_id = p_invoice.organization_id) end)
      into v_closes_at
      from rubis.checkin_mail as m
     where m.organization_id = v_task.organization_id and m.checkin_task_id = v_task.checkin_task_id
       and not exists (
         select from rubis.checkin_click as k
          where k.organization_id = m.organization_id and k.checkin_mail_id = m.checkin_mail_id
            and k.outcome in ('paid', 'pending', 'already_answered'));
  end if;
  if v_closes_at > p_at then
    return row('wait', case v_task.ended_at is null and v_task.answered_at is null
      when true then 'owner_being_asked' else 'link_alive' end, v_closes_at)::rubis.verdict;
  end if;
  select u.email_proven_at is not null into v_proven from rubis.app_user as u
   where u.organization_id = p_invoice.organization_id and u.user_id = p_invoice.user_id;
  if not v_proven then
    return row('hold', 'address_unproven', null)::rubis.verdict;
  end if;
  return row('leave', null, null)::rubis.verdict;
end;
$$;
comment on function rubis.relance_gate(rubis.invoice, timestamptz) is
  'Whether the owner was asked; if not yet: owner_not_asked, owner_being_asked, link_alive or '
  'address_unproven.';
