create or replace function api.put_letter_wording(
  p_access_token_hash bytea, p_tone text, p_locale text, p_opening text, p_request text
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Say letters of a tone and language in words of the organization's own; where one of the two is
-- null, in ours. The next letter that leaves says them: nothing is planned by words.
--   Called by  app/api/routes/letter_wordings.py
--   Writes     letter_wording
--   Raises     RB401, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_wording rubis.letter_wording;
begin
  if p_opening is null and p_request is null then
    raise exception using errcode = 'RB422', constraint = 'letter_wording__some_words',
      column = 'opening', message = 'opening or request needs words',
      hint = 'delete the wording to return to the usual words';
  end if;
  insert into rubis.letter_wording as w (organization_id, tone, locale, opening, request)
  values (
    v_actor.organization_id, p_tone, p_locale, rubis.check_wording('opening', p_opening),
    rubis.check_wording('request', p_request))
  on conflict (organization_id, tone, locale) do update
     set opening = excluded.opening, request = excluded.request, updated_at = excluded.updated_at
  returning w.* into v_wording;
  return rubis.wording_document(v_wording);
end;
$$;
comment on function api.put_letter_wording(bytea, text, text, text, text) is
  'Say letters of a tone and language in the organization''s own words. RB401, RB422.';
