create or replace function api.find_clients(p_access_token_hash bytea, p_q text)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Find clients as a name is typed: at most 20, first those whose name begins with it, by name;
-- then, of the 2,000 newest, those whose name holds it. Without a text, the newest.
--   Called by  app/api/routes/clients.py, app/web/pages/invoice_form.py
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_key text := coalesce(rubis.key(p_q), '');
  v_found rubis.client[];
begin
  if v_key <> '' then
    v_found := array(
      select c from rubis.client as c
       where c.organization_id = v_actor.organization_id and c.merged_into_client_id is null
         and not c.is_sample
         and rubis.key(c.name) collate "C" >= v_key
         and rubis.key(c.name) collate "C" < v_key || chr(1114111)
       order by rubis.key(c.name) collate "C", c.client_id limit 20);
  end if;
  if cardinality(v_found) < 20 is not false then
    v_found := v_found || array(
      select c from (
        select c from rubis.client as c
         where c.organization_id = v_actor.organization_id and c.merged_into_client_id is null
           and not c.is_sample
         order by c.created_at desc, c.client_id desc limit 2000) as newest (c)
       where v_key = '' or strpos(rubis.key((c).name), v_key) > 1
       limit 20 - coalesce(cardinality(v_found), 0));
  end if;
  return jsonb_build_object('items', (
    select coalesce(jsonb_agg(
        jsonb_build_object(
          'client_id', c.client_id, 'name', c.name, 'email', c.email,
          'terms_days', c.terms_days, 'terms_end_of_month', c.terms_end_of_month)
        order by c.ordinality), '[]')
      from unnest(v_found) with ordinality as c));
end;
$$;
comment on function api.find_clients(bytea, text) is
  'At most 20 clients whose name begins with a text, then those that hold it: {items}. RB401.';
