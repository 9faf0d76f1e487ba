create or replace function rubis.doubt_after_pause()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- A pause was changed or lifted: what the owner said before counts no longer. A pause that was over
-- already has ended on its day.
--   Called by  triggers invoice_30_doubt_after_pause and client_30_doubt_after_pause, before update
--              of paused_until
begin
  if old.paused_until is not null and new.paused_until is distinct from old.paused_until then
    new.doubted_at := greatest(old.doubted_at, least(rubis.clock(), (
      select (old.paused_until + 1)::timestamp at time zone o.time_zone
        from rubis.organization as o where o.organization_id = new.organization_id)));
  end if;
  return new;
end;
$$;
comment on function rubis.doubt_after_pause() is
  'Trigger: the end of a pause, of an invoice or a client, makes what the owner said doubtful.';
