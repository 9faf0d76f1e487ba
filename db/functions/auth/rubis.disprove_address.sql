create or replace function rubis.disprove_address(p_organization_id bigint, p_user_id bigint, p_since timestamptz)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- What followed a link was no person, so it proved no address: else a stranger's mail scanner would prove the stranger's, and
-- letters would leave in that name. Like the proof, after all locks in their order.
--   Called by  rubis.contradict_answer
--   Writes     app_user
  update rubis.app_user as u
     set email_proven_at = null, release_due = false
   where u.organization_id = p_organization_id and u.user_id = p_user_id and u.email_proven_at >= p_since;
$$;
comment on function rubis.disprove_address(bigint, bigint, timestamptz) is
  'Take back the proof of a user''s address that was given at p_since or later.';
