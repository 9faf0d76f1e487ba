create or replace function rubis.check_pause(p_organization_id bigint, p_until date)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Refuse a pause whose last day is already over in the organization's time zone.
--   Called by  api.pause_invoice, api.pause_client
--   Raises     RB422
begin
  if p_until is null or p_until = '-infinity' or p_until < (
    select (rubis.clock() at time zone o.time_zone)::date from rubis.organization as o
     where o.organization_id = p_organization_id
  ) then
    raise exception using errcode = 'RB422', constraint = 'pause__until', column = 'until',
      message = 'until must be today or later';
  end if;
end;
$$;
comment on function rubis.check_pause(bigint, date) is
  'Refuse a pause that is already over. RB422.';
