create or replace function rubis.drop_stalled_jobs()
returns void
language plpgsql volatile
set search_path = queue, pg_temp
as $$
-- Forget dead workers and their jobs. What is done about a job's row is decided by the lease of
-- that row.
--   Called by  worker.due_organizations
--   Writes     queue.procrastinate_workers, queue.procrastinate_jobs
begin
  perform queue.procrastinate_prune_stalled_workers_v1(60);
  delete from queue.procrastinate_jobs as j where j.status = 'doing' and j.worker_id is null;
end;
$$;
comment on function rubis.drop_stalled_jobs() is
  'Delete workers without a heartbeat for a minute, and their '
  'jobs: leases, not jobs, say what is to be done again.';
