/* pgmigrate-encoding: utf-8 */
create or replace function api.ask_sample(p_access_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Ask the user a question now about a sample invoice, so that they see how it is. It is made if
-- none is open, and takes the place of one that is settled. Its client has no address, and it is
-- excluded from relances.
--   Called by  app/api/routes/invoices.py, app/web/pages/steps.py
--   Writes     client if new, invoice; the rest by api.ask_checkin_again
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_organization rubis.organization;
  v_today date;
  v_client_id bigint;
  v_invoice_id bigint;
begin
  -- Two calls at once make one sample.
  select o.* into strict v_organization from rubis.organization as o
   where o.organization_id = v_actor.organization_id
     for no key update;
  v_today := (rubis.clock() at time zone v_organization.time_zone)::date;
  select i.invoice_id into v_invoice_id from rubis.invoice as i
   where i.organization_id = v_actor.organization_id and i.is_sample and i.status = 'open'
   order by i.invoice_id limit 1;
  if not found then
    v_client_id := rubis.sample_client(
      v_actor.organization_id,
      case v_organization.locale when 'fr' then 'Client d’exemple' else 'Sample client' end);
    perform api.remove_sample(p_access_token_hash);
    insert into rubis.invoice as i (
      organization_id, client_id, user_id, number, issued_on, due_on, amount_cents, is_sample,
      relances_off)
    values (
      v_actor.organization_id, v_client_id, v_actor.user_id,
      rubis.free_number(
        v_actor.organization_id,
        case v_organization.locale when 'fr' then 'EXEMPLE-' else 'SAMPLE-' end, '1', '', 1),
      v_today - 30, v_today, 120000, true, true)
    returning i.invoice_id into v_invoice_id;
  end if;
  return api.ask_checkin_again(p_access_token_hash, v_invoice_id);
end;
$$;
comment on function api.ask_sample(bytea) is
  'Ask a question now about a sample invoice, made if none is open; returns it. RB401.';
