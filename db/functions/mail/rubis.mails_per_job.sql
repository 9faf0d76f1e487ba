create or replace function rubis.mails_per_job()
returns int
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- A batch begins with one commit. A larger one gains little more, and a worker that dies loses the
-- order of as many mails.
--   Called by  worker.queue_mails
  select 50;
$$;
comment on function rubis.mails_per_job() is 'How many mails a job of the queue carries at most.';
