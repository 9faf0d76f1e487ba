create or replace function rubis.check_wording(p_field text, p_text text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Refuse a wording by the rule of its domain, naming the field, and what in it is not one of a
-- letter.
--   Called by  api.put_letter_wording, api.preview_letters
--   Raises     RB422
declare
  v_fault text := rubis.wording_fault(p_text);
begin
  if v_fault is not null then
    raise exception using errcode = 'RB422', constraint = 'letter_wording__field', column = p_field,
      message = format('%s, %s is not a field of a letter', p_field, v_fault),
      hint = format(
        'fields: {%s}; {one|several} holds words about one invoice and about several',
        array_to_string(rubis.letter_fields(), '}, {'));
  end if;
  return p_text::rubis.wording::text;
exception
  when check_violation then
    raise exception using errcode = 'RB422', constraint = 'letter_wording__text', column = p_field,
      message = format(
        '%s must be a text of 1 to 2000 characters, without control characters, words of more '
        'than 200 characters, or @, :// and www., which mail programs turn into links', p_field);
end;
$$;
comment on function rubis.check_wording(text, text) is
  'A wording if its domain takes it; null stays null. RB422.';
