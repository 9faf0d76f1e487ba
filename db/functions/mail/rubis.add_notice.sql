create or replace function rubis.add_notice(
  p_organization_id bigint, p_user_id bigint, p_kind text, p_data jsonb default '{}',
  p_checkin_task_id bigint default null
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Put a notice to a user on its way; the next tick queues it. What is told once is told once.
--   Called by  api.request_email_proof, api.request_password_reset, rubis.set_password,
--              api.request_email_change, rubis.stop_address_change,
--              rubis.tell_late, rubis.note_said_paid, rubis.advise_confirm
--   Writes     mail
  insert into rubis.mail (
    organization_id, user_id, kind, data, checkin_task_id, next_attempt_at)
  values (p_organization_id, p_user_id, p_kind, p_data, p_checkin_task_id, rubis.clock())
  on conflict do nothing;
$$;
comment on function rubis.add_notice(bigint, bigint, text, jsonb, bigint) is
  'Schedule a notice to a user, now.';
