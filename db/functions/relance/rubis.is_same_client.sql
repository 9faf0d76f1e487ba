create or replace function rubis.is_same_client(
  p_organization_id bigint, p_client_id bigint, p_other_client_id bigint
)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether what was said to one client was said to the other one: it is the same, or merged.
--   Called by  rubis.relance_counts, rubis.letter_thread, rubis.relance_spacing,
--              rubis.drop_outdated_relance, rubis.relance_after_failure, rubis.is_overtaken,
--              rubis.withdraw_relances
  select p_client_id = p_other_client_id
      or rubis.live_client_id(p_organization_id, p_client_id)
         = rubis.live_client_id(p_organization_id, p_other_client_id);
$$;
comment on function rubis.is_same_client(bigint, bigint, bigint) is
  'Whether two clients are the same recipient.';
