create or replace function rubis.gather_receipts(p_organization_id bigint, p_limit int)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Make a mail for each user who has receipts due and no mail of receipts on its way.
--   Called by  worker.tick_organization
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
  on conflict do nothing;
$$;
comment on function rubis.gather_receipts(bigint, int) is
  'Make the mails of receipts that are due in an organization; looks at p_limit due receipts.';
