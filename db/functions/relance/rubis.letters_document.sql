create or replace function rubis.letters_document(p_organization_id bigint, p_invoice_id bigint)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The letters that reached the client of an invoice, or may have: for its check-in's page.
--   Called by  api.look_at_checkin
  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'step', l.step, 'tone', l.tone, 'sent_at', l.sent_at, 'status', l.status)
      order by l.sent_at, l.mail_id, l.attempt),
    '[]')
    from rubis.invoice_letters(p_organization_id, p_invoice_id) as l;
$$;
comment on function rubis.letters_document(bigint, bigint) is
  'The letters sent or unconfirmed for an invoice, oldest first, as JSON: '
  '[{step, tone, sent_at, status}].';
