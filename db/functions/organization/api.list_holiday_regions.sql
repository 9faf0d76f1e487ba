create or replace function api.list_holiday_regions(p_access_token_hash bytea)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- List the regions of the organization's country whose public holidays differ, by name.
--   Called by  app/api/routes/organization.py, app/web/pages/organization.py
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  return jsonb_build_object('items', (
    select coalesce(jsonb_agg(
        jsonb_build_object('holiday_region', h.calendar, 'name', h.name)
        order by h.name, h.calendar), '[]')
      from rubis.organization as o
      join rubis.holiday_calendar as h on h.country = o.country and h.calendar <> o.country
     where o.organization_id = v_actor.organization_id));
end;
$$;
comment on function api.list_holiday_regions(bytea) is
  'The regions of the organization''s country that have holidays of their own: {items}. RB401.';
