create or replace function api.remove_sample(p_access_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Remove the sample invoice: an open one is cancelled, with its question. It stays in the history,
-- and no list shows it. A second call changes nothing.
--   Called by  app/api/routes/invoices.py, app/web/pages/steps.py, api.ask_sample
--   Writes     invoice; event and cancellations by its triggers
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_invoice_ids bigint[];
begin
  v_invoice_ids := array(
    select i.invoice_id from rubis.invoice as i
     where i.organization_id = v_actor.organization_id and i.is_sample and i.removed_at is null
     order by i.invoice_id
       for no key update);
  update rubis.invoice as i
     set status = case i.status when 'open' then 'cancelled' else i.status end,
         removed_at = rubis.clock()
   where i.organization_id = v_actor.organization_id and i.invoice_id = any (v_invoice_ids);
  return jsonb_build_object('removed', cardinality(v_invoice_ids) > 0);
end;
$$;
comment on function api.remove_sample(bytea) is
  'Remove the sample invoice from lists and sums, once; {removed}: whether there was one. RB401.';
