create or replace function rubis.letters_document(p_organization_id bigint, p_invoice_id bigint)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The letters that reached the client of an invoice, or may have: for its check-in's page. A letter
-- without an answer of the mail server counts as sent once the user has confirmed its relance.
--   Called by  api.look_at_checkin
  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'step', r.step, 'tone', r.tone, 'sent_at', coalesce(m.accepted_at, m.attempted_at),
        'status', case when m.accepted_at is not null or (
          r.status = 'sent' and not exists (
            select from rubis.relance_mail as a
             where a.organization_id = r.organization_id and a.relance_id = r.relance_id
               and a.accepted_at is not null)) then 'sent' else 'unconfirmed' end)
      order by m.relance_mail_id),
    '[]')
    from rubis.relance_mail as m
    join rubis.relance as r on r.organization_id = m.organization_id and r.relance_id = m.relance_id
   where m.organization_id = p_organization_id and m.invoice_id = p_invoice_id
     and (m.accepted_at is not null or m.failure_class = 'unknown');
$$;
comment on function rubis.letters_document(bigint, bigint) is
  'The letters sent or unconfirmed for an invoice, oldest first, as JSON: '
  '[{step, tone, sent_at, status}].';
