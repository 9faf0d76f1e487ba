create or replace function api.list_letter_wordings(p_access_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- The organization's own words for its letters, and the fields that they may use.
--   Called by  app/api/routes/letter_wordings.py
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  return jsonb_build_object(
    'fields', rubis.letter_fields(),
    'items', (
      select coalesce(jsonb_agg(rubis.wording_document(w) order by w.tone, w.locale), '[]')
        from rubis.letter_wording as w
       where w.organization_id = v_actor.organization_id));
end;
$$;
comment on function api.list_letter_wordings(bytea) is
  'The organization''s own words for its letters: {fields, items}. RB401.';
