create or replace function rubis.letter_texts(p_organization_id bigint, p_invoice_id bigint)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- The letters about an invoice that left, or may have, oldest first, with the exact text as long as
-- it is kept, and all invoices that each was about.
--   Called by  api.list_invoice_letters, api.show_invoice
begin
  return (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'mail_id', l.mail_id, 'attempt', l.attempt, 'step', l.step, 'tone', l.tone,
          'sent_at', l.sent_at, 'status', l.status, 'to_address', l.to_address,
          'subject', t.subject, 'body', t.body,
          'invoice_ids', (
            select jsonb_agg(x.invoice_id order by x.position) from rubis.mail_item as x
             where x.organization_id = p_organization_id and x.mail_id = l.mail_id
               and x.attempt = l.attempt and x.withdrawn_at is null))
        order by l.sent_at, l.mail_id, l.attempt),
      '[]')
      from rubis.invoice_letters(p_organization_id, p_invoice_id) as l
      left join rubis.letter_text as t
        on t.organization_id = p_organization_id and t.mail_id = l.mail_id
       and t.attempt = l.attempt);
end;
$$;
comment on function rubis.letter_texts(bigint, bigint) is
  'The letters about an invoice that left, with their text, as JSON; subject and body are null '
  'once they are kept no longer.';
