create or replace function rubis.count_jobs()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The jobs in Procrastinate's table, by queue. The table holds only what is due now: a tick never
-- fills it beyond a batch.
--   Called by  api.measure_flow
  select coalesce(jsonb_object_agg(q.queue_name,
    jsonb_build_object('waiting', q.waiting, 'doing', q.doing)), '{}')
    from (
      select j.queue_name, count(*) filter (where j.status = 'todo') as waiting,
             count(*) filter (where j.status = 'doing') as doing
        from queue.procrastinate_jobs as j group by j.queue_name) as q;
$$;
comment on function rubis.count_jobs() is
  'How many jobs wait and are being done, by queue: {"checkins": {"waiting", "doing"}}.';
