create or replace function rubis.prove_address(
  p_organization_id bigint, p_user_id bigint, p_address text
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Record that a person did something with a mail to this address, if it is still the user's. It is
-- the last lock of its transaction but those on tokens, as audit.lock_order has it.
--   Called by  api.confirm_checkin, api.undo_checkin, api.prove_email, api.reset_password,
--              rubis.prove_by_answers
--   Writes     app_user
  update rubis.app_user as u
     set email_proven_at = rubis.clock()
   where u.organization_id = p_organization_id and u.user_id = p_user_id
     and u.email_proven_at is null and rubis.key(u.email) = rubis.key(p_address);
$$;
comment on function rubis.prove_address(bigint, bigint, text) is
  'Note that a user''s address is proven, the first time; the tick then releases the questions and '
  'relances that waited for it.';
