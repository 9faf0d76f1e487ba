create or replace function rubis.wording_document(p_wording rubis.letter_wording)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- A wording as the API shows it.
--   Called by  api.list_letter_wordings, api.put_letter_wording
  select jsonb_build_object(
    'tone', p_wording.tone, 'locale', p_wording.locale, 'opening', p_wording.opening,
    'request', p_wording.request, 'updated_at', p_wording.updated_at);
$$;
comment on function rubis.wording_document(rubis.letter_wording) is
  'A wording as JSON: {tone, locale, opening, request, updated_at}.';
