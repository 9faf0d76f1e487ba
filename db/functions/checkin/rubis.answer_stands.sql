create or replace function rubis.answer_stands(
  p_task rubis.checkin_task, p_invoice rubis.invoice, p_in_app boolean default false
)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether all is still as the answer left it, so that the answer can be taken back. An answer
-- of paid stands if it is what settled the invoice, one of pending if the invoice is open. No later
-- question may have been asked; the question that the answer itself scheduled may wait. A question
-- decided by the page of another mail, before it was mailed, cannot be as before: no user has it.
-- p_in_app: a user who is signed in asks, and may take back what was answered in the app, too.
--   Called by  rubis.lock_answer, rubis.page_buttons, rubis.invoice_acts
  select p_task.status = 'answered'
     and (p_task.answered_via in ('link', 'page') or p_in_app)
     and rubis.clock() < p_task.answered_at + rubis.undo_window()
     and rubis.question_mailed_at(p_task.organization_id, p_task.checkin_task_id) is not null
     and case p_task.answer
           when 'paid' then
             p_invoice.paid_at = p_task.answered_at and p_invoice.paid_via = case
               p_task.answered_via when 'app' then 'app' else 'check-in' end
           else p_invoice.status = 'open' end
     and not exists (
       select from rubis.checkin_task as t
        where t.organization_id = p_task.organization_id and t.invoice_id = p_task.invoice_id
          and t.checkin_task_id > p_task.checkin_task_id
          and not (
            t.follows_checkin_task_id is not distinct from p_task.checkin_task_id
            and t.status in ('scheduled', 'held')
            and rubis.question_mailed_at(t.organization_id, t.checkin_task_id) is null));
$$;
comment on function rubis.answer_stands(rubis.checkin_task, rubis.invoice, boolean) is
  'Whether the answer to a check-in, given by link or page (p_in_app: or in the app) within 14 '
  'days, holds and can be taken back.';
