create or replace function api.look_at_checkin(p_token_hash bytea)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Show a check-in's page to the holder of a token of the question, of a receipt or of a mail that
-- paid was clicked: the question, the answer, what follows and the buttons. It writes nothing. The
-- page is shown while the invoice is open, and for 14 days after the links have run out or the
-- answer was given.
--   Called by  app/api/routes/checkin_page.py
declare
  v_link rubis.checkin_link := rubis.find_link(p_token_hash);
  v_task rubis.checkin_task;
  v_invoice rubis.invoice;
  v_asked_at timestamptz := v_link.mailed_at;
  v_standing text;
  v_may text[];
begin
  select t.* into v_task from rubis.checkin_task as t
   where t.organization_id = v_link.organization_id and t.checkin_task_id = v_link.checkin_task_id;
  select i.* into v_invoice from rubis.invoice as i
   where i.organization_id = v_link.organization_id and i.invoice_id = v_link.invoice_id;
  if not found or v_invoice.status <> 'open'
    and rubis.clock() >= rubis.undo_window()
      + greatest(v_link.mailed_at + interval '24 hours', v_task.answered_at) then
    return null;
  end if;
  if v_link.mail_kind <> 'questions' then
    -- A mail of another kind has no answering links: the page tells when the question was mailed.
    v_asked_at := rubis.question_mailed_at(v_task.organization_id, v_task.checkin_task_id);
  end if;
  v_standing := rubis.checkin_standing(v_task, v_invoice, v_asked_at);
  v_may := rubis.page_buttons(v_link, v_task, v_invoice, v_standing);
  return (
    select jsonb_build_object(
      'organization_name', o.name, 'locale', o.locale, 'time_zone', o.time_zone,
      'click_mode', o.click_mode,
      'client_name', c.name, 'number', v_invoice.number, 'amount_cents', v_invoice.amount_cents,
      'currency', v_invoice.currency, 'due_on', v_invoice.due_on,
      'invoice_status', v_invoice.status, 'is_sample', v_invoice.is_sample,
      'standing', v_standing, 'said_paid', rubis.said_paid(v_invoice),
      'mailed_at', case when v_link.answered_at is null then v_asked_at else v_link.mailed_at end,
      'expires_at', v_asked_at + interval '24 hours',
      'asked_again', exists (
        select from rubis.checkin_task as t
         where t.organization_id = v_task.organization_id and t.invoice_id = v_task.invoice_id
           and t.checkin_task_id > v_task.checkin_task_id
           and t.status in ('scheduled', 'held', 'sending', 'sent')),
      'answer', case v_task.answer when 'still_pending' then 'pending' else v_task.answer end,
      'answered_at', v_task.answered_at, 'answered_via', v_task.answered_via,
      'contradicted', v_task.contradicted_at is not null, 'undone', v_task.undone_at is not null,
      'receipt', v_link.answered_at is not null, 'may', to_jsonb(v_may),
      'undo_until', case when 'undo' = any (v_may) then
        v_task.answered_at + rubis.undo_window() end,
      'relance', (
        select jsonb_build_object(
            'step', r.step, 'tone', r.tone, 'asks_at', f.asks_at, 'leaves_at', f.leaves_at,
            'reason', f.reason)
          from rubis.relance as r
         cross join lateral rubis.letter_ahead(r) as f
         where r.organization_id = v_invoice.organization_id and r.invoice_id = v_invoice.invoice_id
           and r.status in ('scheduled', 'held', 'sending', 'unconfirmed')),
      'reminders', rubis.reminders_after_pending(v_invoice.organization_id, v_invoice.invoice_id),
      'letters', rubis.letters_document(v_invoice.organization_id, v_invoice.invoice_id))
      from rubis.organization as o
      join rubis.client as c
        on c.organization_id = o.organization_id
       and c.client_id = rubis.live_client_id(o.organization_id, v_invoice.client_id)
     where o.organization_id = v_invoice.organization_id);
end;
$$;
comment on function api.look_at_checkin(bytea) is
  'A check-in''s page by the SHA-256 of a token, as JSON: the facts, the answer, the letters sent, '
  'the relance ahead, and the buttons its holder has: paid, pending, undo. Null if the token is '
  'unknown or the page is over.';
