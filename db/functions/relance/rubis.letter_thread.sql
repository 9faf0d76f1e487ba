create or replace function rubis.letter_thread(p_organization_id bigint, p_relance_ids bigint[])
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The Message-IDs of the first letters about the invoices of these relances to their clients, each
-- once: the letter refers to them. Ten at most, the oldest, for a header has an end.
--   Called by  rubis.relance_letter
  select coalesce(jsonb_agg(t.message_id order by t.attempted_at, t.message_id), '[]')
    from (
      select f.message_id, min(f.attempted_at) as attempted_at
        from rubis.relance as r
        join rubis.invoice as i
          on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
       cross join lateral (
         select a.message_id, a.attempted_at
           from rubis.mail_item as x
           join rubis.mail_attempt as a
             on a.organization_id = x.organization_id and a.mail_id = x.mail_id
            and a.attempt = x.attempt
           join rubis.relance as before
             on before.organization_id = x.organization_id and before.relance_id = x.relance_id
          where x.organization_id = i.organization_id and x.invoice_id = i.invoice_id
            and x.withdrawn_at is null
            and (a.accepted_at is not null or a.failure_class = 'unknown')
            and rubis.is_same_client(i.organization_id, before.client_id, i.client_id)
          order by a.attempted_at, a.mail_id, a.attempt limit 1) as f
       where r.organization_id = p_organization_id and r.relance_id = any (p_relance_ids)
       group by f.message_id
       order by min(f.attempted_at), f.message_id limit 10) as t;
$$;
comment on function rubis.letter_thread(bigint, bigint[]) is
  'The Message-IDs of the first letters about the invoices of some relances, ten at most, as JSON.';
