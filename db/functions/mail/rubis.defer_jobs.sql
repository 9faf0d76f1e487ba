create or replace function rubis.defer_jobs(p_queue text, p_task text, p_args jsonb[])
returns void
language plpgsql volatile
set search_path = queue, pg_temp
as $$
-- Put jobs into Procrastinate's queue; no other function does. Its own functions pin no
-- search_path, so this one does. It sets no lock and no queueing_lock: a job that waits must not
-- hold up another.
--   Called by  worker.queue_mails
--   Writes     queue.procrastinate_jobs
begin
  perform queue.procrastinate_defer_jobs_v1(array(
    select row(p_queue, p_task, 0, null, null, a.args, null)::queue.procrastinate_job_to_defer_v1
      from unnest(p_args) as a (args)));
end;
$$;
comment on function rubis.defer_jobs(text, text, jsonb[]) is
  'Put one job per element of p_args into a Procrastinate queue.';
