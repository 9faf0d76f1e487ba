create or replace function rubis.said_paid(p_invoice rubis.invoice)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether paid was clicked without counting, and the user has not decided since. An answer of
-- pending decides, as long as it stands: one that is taken back decides nothing. An answer of paid
-- settles the invoice, which clears said_paid_at.
--   Called by  rubis.relance_verdict, rubis.note_said_paid, rubis.decide_said_paid,
--              rubis.page_buttons, api.look_at_checkin, rubis.begin_notice,
--              rubis.waiting_questions, rubis.invoice_acts, api.show_invoice
  select p_invoice.status = 'open' and p_invoice.said_paid_at is not null
     and not exists (
       select from rubis.checkin_task as t
        where t.organization_id = p_invoice.organization_id and t.invoice_id = p_invoice.invoice_id
          and t.answer = 'still_pending' and t.answered_at > p_invoice.said_paid_at);
$$;
comment on function rubis.said_paid(rubis.invoice) is
  'Whether paid was clicked about an open invoice without counting, and the user has not decided '
  'since.';
