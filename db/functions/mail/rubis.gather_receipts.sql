create or replace function rubis.gather_receipts(p_organization_id bigint, p_limit int)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Make a mail for each user who has receipts due and no mail of receipts on its way.
--   Called by  rubis.tick_pieces
--   Writes     mail
  insert into rubis.mail (organization_id, user_id, kind, next_attempt_at)
  select distinct p_organization_id, i.user_id, 'receipts', rubis.clock()
    from (
      select t.invoice_id from rubis.checkin_task as t
       where t.organization_id = p_organization_id and t.receipt_at <= rubis.clock()
       order by t.receipt_at
       limit p_limit) as d
    join rubis.invoice as i
      on i.organization_id = p_organization_id and i.invoice_id = d.invoice_id
   -- An insert would wait for the worker that has the mail in hand.
   where not exists (
     select from rubis.mail as m
      where m.organization_id = p_organization_id and m.user_id = i.user_id
        and m.kind = 'receipts' and m.status in ('scheduled', 'queued', 'sending'))
  on conflict do nothing;
$$;
comment on function rubis.gather_receipts(bigint, int) is
  'Make the mails of receipts that are due in an organization; looks at p_limit due receipts.';
