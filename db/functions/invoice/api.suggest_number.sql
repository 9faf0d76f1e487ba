create or replace function api.suggest_number(p_access_token_hash bytea)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Suggest the number of the next invoice: that of the latest one, counted on. The counter is its
-- last run of digits, but a run that is the year of its issue (2026-014, 14/2026). In a later year
-- the year is replaced, and the counter begins again. Only the latest 100 are looked at.
--   Called by  app/api/routes/invoices.py, app/web/pages/invoice_form.py
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_latest record;
  v_runs text[];
  v_counter int;
  v_this_year text;
  v_is_new_year boolean;
begin
  select i.number, to_char(i.issued_on, 'YYYY') as year into v_latest
    from (
      select i.number, i.issued_on, i.created_at, i.invoice_id from rubis.invoice as i
       where i.organization_id = v_actor.organization_id and i.status <> 'cancelled'
         and not i.is_sample
       order by i.created_at desc, i.invoice_id desc limit 100) as i
   where i.number ~ '[0-9]'
   order by i.created_at desc, i.invoice_id desc limit 1;
  if not found then
    return jsonb_build_object('number', null);
  end if;
  select to_char(rubis.clock() at time zone o.time_zone, 'YYYY') into strict v_this_year
    from rubis.organization as o where o.organization_id = v_actor.organization_id;
  v_runs := array(
    select m.run[1] from regexp_matches(v_latest.number, '[0-9]+|[^0-9]+', 'g')
      with ordinality as m (run, place) order by m.place);
  select coalesce(
      max(r.place) filter (where r.run <> v_latest.year), max(r.place))::int into v_counter
    from unnest(v_runs) with ordinality as r (run, place) where r.run ~ '^[0-9]';
  v_is_new_year := v_this_year > v_latest.year and v_latest.year = any (
    v_runs[:v_counter - 1] || v_runs[v_counter + 1:]);
  if v_is_new_year then
    v_runs := array_replace(v_runs[:v_counter - 1], v_latest.year, v_this_year)
      || v_runs[v_counter] || array_replace(v_runs[v_counter + 1:], v_latest.year, v_this_year);
  end if;
  return jsonb_build_object('number', rubis.free_number(
    v_actor.organization_id, array_to_string(v_runs[:v_counter - 1], ''), v_runs[v_counter],
    array_to_string(v_runs[v_counter + 1:], ''),
    case when v_is_new_year then 1 else v_runs[v_counter]::numeric + 1 end));
end;
$$;
comment on function api.suggest_number(bytea) is
  'The number of the next invoice, as {number}: that of the latest one counted on; null if none '
  'holds a digit. RB401.';
