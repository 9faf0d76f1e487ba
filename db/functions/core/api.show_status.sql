create or replace function api.show_status()
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- What `rubis status` shows on its screen: the flow, its readiness, and each worker that ticks.
-- Public: it names no user and no client.
--   Called by  app/status.py
  select api.measure_flow() || jsonb_build_object(
    'at', rubis.clock(),
    'readiness', api.readiness(),
    'ticking', (
      select coalesce(jsonb_agg(jsonb_build_object(
               'worker', h.worker,
               'up_seconds', extract(epoch from rubis.clock() - h.started_at),
               'tick_age_seconds', extract(epoch from rubis.clock() - h.last_tick_at))
             order by h.started_at, h.worker), '[]')
        from rubis.worker_heartbeat as h
       where h.last_tick_at > rubis.clock() - interval '1 minute'));
$$;
comment on function api.show_status() is
  'api.measure_flow and api.readiness in one JSON, with the '
  'time and each worker that ticked within the last minute.';
