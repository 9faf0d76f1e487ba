create or replace function rubis.add_user_mail(
  p_organization_id bigint, p_user_id bigint, p_kind text, p_data jsonb default '{}'
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Put a mail to a user on its way: the next tick queues it.
--   Called by  api.request_email_proof, rubis.tell_late
--   Writes     user_mail
  insert into rubis.user_mail (organization_id, user_id, kind, data, next_attempt_at)
  values (p_organization_id, p_user_id, p_kind, p_data, rubis.clock());
$$;
comment on function rubis.add_user_mail(bigint, bigint, text, jsonb) is
  'Schedule a mail to a user, now.';
