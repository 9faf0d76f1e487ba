create or replace function rubis.record_answer(
  p_organization_id bigint, p_checkin_task_id bigint, p_answer text, p_via text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Write the user's answer. The caller holds invoice and check-in and has decided that the answer
-- counts. The check-in is answered first, so that settling the invoice finds no live check-in to
-- cancel.
--   Called by  api.answer_checkin, api.confirm_checkin, api.answer_invoice_checkin,
--              rubis.decide_said_paid
--   Writes     checkin_task; invoice and by its triggers all else; or activity_event
declare
  v_task record;
begin
  -- The receipt shows the user an answer that no person gave. After a click on a link it is due
  -- when the time for a contradiction is over. A sample needs none.
  update rubis.checkin_task as t
     set status = 'answered',
         answer = case p_answer when 'paid' then 'paid' else 'still_pending' end,
         answered_at = rubis.clock(), answered_via = p_via,
         hold_reason = null, ended_at = null, end_reason = null,
         receipt_at = case when p_answer = 'paid' and p_via <> 'app' and o.answer_receipts
           and not exists (
             select from rubis.invoice as i
              where i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
                and i.is_sample) then
           rubis.clock()
           + case p_via when 'link' then o.contradiction_seconds else 0 end * interval '1 second'
         end,
         proof_due_at = (
           select rubis.clock() + o.contradiction_seconds * interval '1 second'
             from rubis.invoice as i
             join rubis.app_user as u
               on u.organization_id = i.organization_id and u.user_id = i.user_id
            where i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
              and p_via = 'link' and u.email_proven_at is null)
    from rubis.organization as o
   where t.organization_id = p_organization_id and t.checkin_task_id = p_checkin_task_id
     and o.organization_id = p_organization_id
  returning t.invoice_id, t.answered_at into strict v_task;
  if p_answer = 'paid' then
    -- Both rows get the same moment: rubis.answer_stands compares them.
    update rubis.invoice as i
       set status = 'paid', paid_via = case p_via when 'app' then 'app' else 'check-in' end,
           paid_at = v_task.answered_at
     where i.organization_id = p_organization_id and i.invoice_id = v_task.invoice_id;
  else
    insert into rubis.activity_event (organization_id, kind, label, invoice_id, checkin_task_id)
    values (
      p_organization_id, 'checkin_answered',
      case p_via when 'app' then 'still pending, via app' else 'still pending, via check-in' end,
      v_task.invoice_id, p_checkin_task_id);
  end if;
end;
$$;
comment on function rubis.record_answer(bigint, bigint, text, text) is
  'Record paid or pending on a check-in, via link, page or app; paid settles its invoice. The '
  'caller holds the locks.';
