create or replace function rubis.find_wording(
  p_organization_id bigint, p_tone text, p_locale text
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- An organization's own words for the letters of a tone and language.
--   Called by  rubis.letter_facts, api.preview_letters
  select jsonb_build_object('opening', w.opening, 'request', w.request)
    from rubis.letter_wording as w
   where w.organization_id = p_organization_id and w.tone = p_tone and w.locale = p_locale;
$$;
comment on function rubis.find_wording(bigint, text, text) is
  'The words of an organization for a tone and language: {opening, request}; null: ours.';
