create or replace function rubis.send_lease()
returns interval
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Longer than MAIL_TIMEOUT_SECONDS with its retries. After it, the worker counts as dead.
--   Called by  worker.begin_checkin_send, worker.begin_relance_send, worker.begin_user_mail,
--              worker.confirm_relance_send
  select interval '3 minutes';
$$;
comment on function rubis.send_lease() is 'How long a worker may take to send one mail.';
