create or replace function rubis.letter_matters(p_organization_id bigint, p_relances jsonb)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- What a letter needs to know of the invoices that it is about, and of their clients; p_relances
-- holds {relance_id, invoice_id, step, tone} of each.
--   Called by  rubis.relance_letter, api.preview_letters
  select jsonb_agg(r.relance || jsonb_build_object(
           'user_id', i.user_id, 'number', i.number, 'amount_cents', i.amount_cents,
           'currency', i.currency, 'issued_on', i.issued_on, 'due_on', i.due_on,
           'client_name', c.name, 'email', c.email, 'locale', c.locale,
           'is_business', c.is_business))
    from jsonb_array_elements(p_relances) as r (relance)
    join rubis.invoice as i
      on i.organization_id = p_organization_id
     and i.invoice_id = (r.relance ->> 'invoice_id')::bigint
    join rubis.client as c
      on c.organization_id = p_organization_id
     and c.client_id = rubis.live_client_id(p_organization_id, i.client_id);
$$;
comment on function rubis.letter_matters(bigint, jsonb) is
  'The invoices of a letter and their clients, as rubis.letter_facts takes them.';
