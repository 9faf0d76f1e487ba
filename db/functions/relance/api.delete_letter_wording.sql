create or replace function api.delete_letter_wording(
  p_access_token_hash bytea, p_tone text, p_locale text
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Say letters of a tone and language in our words again.
--   Called by  app/api/routes/letter_wordings.py
--   Writes     letter_wording
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
begin
  delete from rubis.letter_wording as w
   where w.organization_id = v_actor.organization_id and w.tone = p_tone and w.locale = p_locale;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'letter_wording__missing',
      column = 'tone', message = format(
        'letters of tone %s and language %s have the usual words', p_tone, p_locale);
  end if;
end;
$$;
comment on function api.delete_letter_wording(bytea, text, text) is
  'Return to our words for a tone and language. RB401, RB404.';
