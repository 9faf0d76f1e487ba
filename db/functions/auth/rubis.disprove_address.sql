create or replace function rubis.disprove_address(
  p_organization_id bigint, p_user_id bigint, p_since timestamptz
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Take back the proof of an address when a program, not a person, followed the link. Otherwise a
-- stranger's mail scanner would prove the stranger's address, and letters would leave in that name.
-- It is the last write of its transaction, as audit.lock_order has it.
--   Called by  rubis.contradict_answer
--   Writes     app_user
  update rubis.app_user as u
     set email_proven_at = null, release_due = false
   where u.organization_id = p_organization_id and u.user_id = p_user_id
     and u.email_proven_at >= p_since;
$$;
comment on function rubis.disprove_address(bigint, bigint, timestamptz) is
  'Take back the proof of a user''s address that was given at p_since or later.';
