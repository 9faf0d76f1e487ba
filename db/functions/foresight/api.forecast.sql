create or replace function api.forecast(
  p_access_token_hash bytea, p_until date, p_invoice_id bigint default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Foretell what is asked and what leaves until the end of a day, if nothing changes and no question
-- is answered: about one invoice, or about all.
--   Called by  app/api/routes/forecast.py, app/api/routes/invoices.py
--   Writes     by rubis.plan_beside and rubis.plan_coming what is outdated
--   Raises     RB401, RB404, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_zone text := (
    select o.time_zone from rubis.organization as o
     where o.organization_id = v_actor.organization_id);
  v_today date := (rubis.clock() at time zone v_zone)::date;
begin
  if p_until is null or p_until not between v_today and v_today + interval '2 years' then
    raise exception using errcode = 'RB422', constraint = 'forecast__until', column = 'until',
      message = 'until must be a day from today to two years from now';
  elsif p_invoice_id is null then
    perform rubis.plan_coming(v_actor.organization_id);
  else
    perform rubis.check_invoice(v_actor.organization_id, p_invoice_id);
    perform rubis.plan_beside(v_actor.organization_id, p_invoice_id);
  end if;
  return rubis.foresee(
    v_actor.organization_id, p_invoice_id, (p_until + 1)::timestamp at time zone v_zone, 200, 50);
end;
$$;
comment on function api.forecast(bytea, date, bigint) is
  'What is asked and what leaves until a day is over, about one invoice or all: {items, '
  'complete_until}. RB401, RB404, RB422.';
