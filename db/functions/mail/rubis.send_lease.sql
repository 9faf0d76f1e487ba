create or replace function rubis.send_lease()
returns interval
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Longer than MAIL_TIMEOUT_SECONDS with its retries. After it, the worker counts as dead.
--   Called by  rubis.begin_attempt, worker.confirm_letter
  select interval '3 minutes';
$$;
comment on function rubis.send_lease() is 'How long a worker may take to send one mail.';
