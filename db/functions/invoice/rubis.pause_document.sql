create or replace function rubis.pause_document(p_until date, p_reason text)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- A pause as the API shows it: null if there is none; its until is null if it has no end.
--   Called by  rubis.invoice_document, rubis.client_document
  select case when p_until is not null then
    jsonb_build_object('until', nullif(p_until, 'infinity'), 'reason', p_reason) end;
$$;
comment on function rubis.pause_document(date, text) is
  'A pause as JSON: {until, reason}, or null.';
