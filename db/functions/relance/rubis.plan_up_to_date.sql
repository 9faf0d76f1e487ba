create or replace function rubis.plan_up_to_date(
  p_organization_id bigint, p_invoice_ids bigint[]
)
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Plan those of these invoices again that are outdated, before they are judged or shown. It waits
-- for no lock: an invoice that another transaction holds stays outdated, and is shown so. Without
-- outdated ones it only reads.
--   Called by  rubis.judge_relance, rubis.begin_questions, rubis.plan_beside, rubis.plan_coming,
--              api.list_invoices
--   Writes     checkin_task, relance, invoice
  select rubis.plan_again(p_organization_id, array(
    select i.invoice_id from rubis.invoice as i
      join rubis.organization as o on o.organization_id = i.organization_id
     where i.organization_id = p_organization_id and i.invoice_id = any (p_invoice_ids)
       and i.status = 'open' and i.schedule_version < o.schedule_version));
$$;
comment on function rubis.plan_up_to_date(bigint, bigint[]) is
  'Plan those of these invoices again that are outdated and that no one holds; returns how many.';
