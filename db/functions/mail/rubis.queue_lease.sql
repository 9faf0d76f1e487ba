create or replace function rubis.queue_lease()
returns interval
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Longer than any backlog that an operator would leave. After it, the job counts as lost.
--   Called by  worker.queue_mails
  select interval '10 minutes';
$$;
comment on function rubis.queue_lease() is 'How long a queued row waits for a worker to begin.';
