create or replace function rubis.takes_answer(p_status text)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether a check-in in this state can be answered in the app: it lives, or its mail failed.
--   Called by  api.answer_invoice_checkin, rubis.invoice_acts
  select coalesce(p_status in ('scheduled', 'held', 'sending', 'sent', 'failed'), false);
$$;
comment on function rubis.takes_answer(text) is
  'Whether a check-in of this status can be answered in the app.';
