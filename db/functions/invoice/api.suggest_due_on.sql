create or replace function api.suggest_due_on(
  p_access_token_hash bytea, p_client_name text, p_client_email text, p_issued_on date
)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Tell when an invoice would be due by terms of payment, while it is typed: by those of the client
-- of this name, and e-mail if one is given; without one, or among several, by the organization's.
--   Called by  app/api/routes/invoices.py, app/web/pages/invoice_form.py
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_clients rubis.client[] := array(
    select c from rubis.client as k
      join rubis.client as c
        on c.organization_id = k.organization_id
       and c.client_id = coalesce(k.merged_into_client_id, k.client_id)
     where k.organization_id = v_actor.organization_id
       and rubis.key(k.name) = rubis.key(p_client_name)
       and (p_client_email is null or rubis.key(k.email) = rubis.key(p_client_email))
     limit 2);
  v_client rubis.client := case when cardinality(v_clients) = 1 then v_clients[1] end;
begin
  return (
    select jsonb_build_object(
        'due_on', rubis.due_on(p_issued_on, t.days, t.end_of_month),
        'terms_days', t.days, 'terms_end_of_month', t.end_of_month,
        'is_the_clients', v_client.terms_days is not null)
      from rubis.organization as o
     cross join lateral (
       select coalesce(v_client.terms_days, o.terms_days)::int as days,
              coalesce(v_client.terms_end_of_month, o.terms_end_of_month) as end_of_month) as t
     where o.organization_id = v_actor.organization_id);
end;
$$;
comment on function api.suggest_due_on(bytea, text, text, date) is
  'When an invoice issued that day to the client of this name would be due: {due_on, terms_days, '
  'terms_end_of_month, is_the_clients}. RB401.';
