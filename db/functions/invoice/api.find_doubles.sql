create or replace function api.find_doubles(
  p_access_token_hash bytea, p_client_id bigint, p_client_name text, p_amount_cents bigint,
  p_currency text, p_issued_on date, p_number text, p_but_invoice_id bigint default null
)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Find invoices that one to be issued may be a double of: the same amount for the same client,
-- issued within 31 days, or, among the 500 entered last, a number that differs in separators alone.
-- One with the very number is left out: it is refused. A client may be given by client_id, by name,
-- or not at all.
--   Called by  app/api/routes/invoices.py, app/web/pages/invoice_form.py
--   Raises     RB401, RB404, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_client_ids bigint[] := case when p_client_id is not null then
    array[rubis.check_client(v_actor.organization_id, p_client_id)] end;
  v_number_key text := rubis.number_key(p_number);
  v_items jsonb;
begin
  if p_but_invoice_id is not null then
    perform rubis.check_invoice(v_actor.organization_id, p_but_invoice_id);
  end if;
  v_client_ids := coalesce(v_client_ids, array(
    select coalesce(c.merged_into_client_id, c.client_id) from rubis.client as c
     where c.organization_id = v_actor.organization_id
       and rubis.key(c.name) = rubis.key(p_client_name)));
  v_client_ids := v_client_ids || array(
    select c.client_id from rubis.client as c
     where c.organization_id = v_actor.organization_id
       and c.merged_into_client_id = any (v_client_ids));
  with found as (
    select i.invoice_id, 'same_amount' as reason from rubis.invoice as i
     where i.organization_id = v_actor.organization_id and i.client_id = any (v_client_ids)
       and i.amount_cents = p_amount_cents and i.currency = p_currency
       and i.issued_on between p_issued_on - 31 and p_issued_on + 31
    union all
    select i.invoice_id, 'similar_number' from (
      select i.invoice_id, i.number from rubis.invoice as i
       where i.organization_id = v_actor.organization_id
       order by i.created_at desc, i.invoice_id desc limit 500) as i
     where rubis.number_key(i.number) = v_number_key and v_number_key <> ''
  )
  select jsonb_agg(
      jsonb_build_object(
        'invoice_id', d.invoice_id, 'number', d.number, 'client_name', d.client_name,
        'issued_on', d.issued_on, 'amount_cents', d.amount_cents, 'currency', d.currency,
        'status', d.status, 'reasons', d.reasons)
      order by d.issued_on desc, d.invoice_id desc) into v_items
    from (
      select i.*, c.name as client_name, (
               select jsonb_agg(f.reason order by f.reason) from found as f
                where f.invoice_id = i.invoice_id) as reasons
        from rubis.invoice as i
        join rubis.client as c
          on c.organization_id = i.organization_id
         and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
       where i.organization_id = v_actor.organization_id
         and i.invoice_id in (select f.invoice_id from found as f)
         and i.status <> 'cancelled' and not i.is_sample
         and i.invoice_id is distinct from p_but_invoice_id
         and rubis.key(i.number) <> rubis.key(p_number)
       order by i.issued_on desc, i.invoice_id desc limit 5) as d;
  return jsonb_build_object('items', coalesce(v_items, '[]'));
end;
$$;
comment on function api.find_doubles(
  bytea, bigint, text, bigint, text, date, text, bigint
) is
  'Invoices that one to be issued may be a double of, the five issued last: {items}, each with '
  'reasons: same_amount, similar_number. p_but_invoice_id: one that is edited. RB401, RB404, '
  'RB422.';
