create or replace function rubis.note_said_paid(p_task rubis.checkin_task)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Note that a link of a question said paid and did not count: hold the relance until the user
-- decides, and mail the user at once, once per question. After an answered question's first time
-- its links say nothing new: the user was told and has decided, and a program may follow them
-- again. The caller holds the invoice, which is open, and the check-in.
--   Called by  rubis.weigh_other_answer, rubis.contradict_answer, rubis.ask_after_late_click
--   Writes     mail, invoice, relance
begin
  if p_task.status = 'answered' and exists (
    select from rubis.mail as m
     where m.organization_id = p_task.organization_id
       and m.checkin_task_id = p_task.checkin_task_id and m.kind = 'said_paid'
  ) then
    return;
  end if;
  update rubis.invoice as i
     set said_paid_at = rubis.clock()
   where i.organization_id = p_task.organization_id and i.invoice_id = p_task.invoice_id
     and not rubis.said_paid(i);
  perform rubis.hold_relance(p_task.organization_id, p_task.invoice_id, 'owner_said_paid');
  perform rubis.add_notice(
    i.organization_id, i.user_id, 'said_paid', jsonb_build_object('said_at', rubis.clock()),
    p_task.checkin_task_id)
     from rubis.invoice as i
    where i.organization_id = p_task.organization_id and i.invoice_id = p_task.invoice_id;
end;
$$;
comment on function rubis.note_said_paid(rubis.checkin_task) is
  'Hold the relance of an open invoice because a link of this check-in said paid without counting, '
  'and tell its user.';
