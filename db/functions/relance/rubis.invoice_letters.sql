create or replace function rubis.invoice_letters(p_organization_id bigint, p_invoice_id bigint)
returns table (
  mail_id bigint, attempt smallint, step smallint, tone text, sent_at timestamptz, status text,
  to_address text
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the letters about an invoice that reached a client, or may have. A letter without an answer
-- of the mail server counts as sent once the user has confirmed its relance.
--   Called by  rubis.letters_document, rubis.letter_texts
  select x.mail_id, x.attempt, r.step, r.tone, coalesce(a.accepted_at, a.attempted_at),
         case when a.accepted_at is not null or (
           r.status = 'sent' and not exists (
             select from rubis.mail_item as y
               join rubis.mail_attempt as b
                 on b.organization_id = y.organization_id and b.mail_id = y.mail_id
                and b.attempt = y.attempt
              where y.organization_id = r.organization_id and y.relance_id = r.relance_id
                and y.withdrawn_at is null and b.accepted_at is not null))
           then 'sent' else 'unconfirmed' end,
         a.to_address
    from rubis.mail_item as x
    join rubis.mail_attempt as a
      on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
    join rubis.relance as r on r.organization_id = x.organization_id and r.relance_id = x.relance_id
   where x.organization_id = p_organization_id and x.invoice_id = p_invoice_id
     and x.withdrawn_at is null and (a.accepted_at is not null or a.failure_class = 'unknown');
$$;
comment on function rubis.invoice_letters(bigint, bigint) is
  'The letters sent or unconfirmed for an invoice: one row per attempt that carried it.';
