create or replace function rubis.sample_matters(
  p_organization_id bigint, p_user_id bigint, p_relances jsonb
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- An invoice of nobody, ten days late, for an organization that has none to show its letters on:
-- to a business, so that what the law says is shown.
--   Called by  api.preview_letters
  select jsonb_agg(r.relance || jsonb_build_object(
           'user_id', p_user_id, 'number', 'F-001', 'amount_cents', 120000, 'currency', 'EUR',
           'issued_on', t.today - 40, 'due_on', t.today - 10, 'client_name', 'Dupont SARL',
           'is_business', true))
    from jsonb_array_elements(p_relances) as r (relance)
   cross join (
     select (rubis.clock() at time zone o.time_zone)::date as today from rubis.organization as o
      where o.organization_id = p_organization_id) as t;
$$;
comment on function rubis.sample_matters(bigint, bigint, jsonb) is
  'What rubis.letter_matters would say of an invoice that does not exist.';
