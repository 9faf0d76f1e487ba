create or replace function api.measure_flow()
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- The numbers that /metrics shows: work by kind, what waits, the queue, the workers, failed ticks.
-- Public: it names no user and no client. Each count reads an index made for it and stops at a
-- limit, so a scrape costs little however many rows there are. A row is late when api.readiness
-- says so.
--   Called by  app/api/metrics.py, api.show_status
declare
  v_limit constant int := 1000;
  v_now timestamptz := rubis.clock();
  v_readiness jsonb := api.readiness();
begin
  return jsonb_build_object(
    'ready', v_readiness ->> 'status' = 'ready', 'mail_ok', v_readiness #> '{mail,ok}',
    'tick_age_seconds',
    extract(epoch from v_now - (v_readiness #>> '{worker,last_tick_at}')::timestamptz),
    'workers', (
      select count(*) from rubis.worker_heartbeat as h
       where h.last_tick_at > v_now - interval '1 minute'),
    'work', rubis.count_work(v_limit),
    'checkins_held', (
      select count(*)
        from (
          select from rubis.checkin_task as t where t.status = 'held' limit v_limit) as counted),
    'relances_held', rubis.count_held_relances(v_limit),
    'relances_unconfirmed', (
      select count(*)
        from (
          select from rubis.relance as r where r.status = 'unconfirmed' limit v_limit) as counted),
    'organizations_failing', rubis.count_failing_organizations(v_limit),
    'backup_age_seconds', (
      select extract(epoch from v_now - b.made_at) from rubis.backup as b),
    'queue', rubis.count_jobs());
end;
$$;
comment on function api.measure_flow() is
  'Work by kind, check-ins and relances held, relances unconfirmed, organizations whose tick '
  'fails, jobs by queue, workers and the age of their last tick, the age of the last backup, as '
  'JSON.';
