create or replace function rubis.example_invoices(p_organization_id bigint)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The newest open invoices, to choose one on which a plan is shown.
--   Called by  api.preview_plan
  select coalesce(jsonb_agg(jsonb_build_object(
           'invoice_id', e.invoice_id, 'number', e.number, 'client_name', c.name,
           'due_on', e.due_on) order by e.created_at desc, e.invoice_id desc), '[]')
    from (
      select i.invoice_id, i.client_id, i.number, i.due_on, i.created_at from rubis.invoice as i
       where i.organization_id = p_organization_id and i.status = 'open'
       order by i.created_at desc, i.invoice_id desc limit 20) as e
    join rubis.client as c
      on c.organization_id = p_organization_id
     and c.client_id = rubis.live_client_id(p_organization_id, e.client_id);
$$;
comment on function rubis.example_invoices(bigint) is
  'The newest open invoices as JSON, 20 at most: [{invoice_id, number, client_name, due_on}].';
