create or replace function rubis.wording_fault(p_text text)
returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
-- Find the first brace of a wording that is neither part of a field nor of a choice, with its line.
-- A choice {it|them} holds the words about one invoice and about several, and no field.
--   Called by  rubis.check_wording, and the check of the domain wording
declare
  v_rest text := regexp_replace(
    p_text,
    format('\{(%s)\}|\{[^{}|\n]*\|[^{}|\n]*\}', array_to_string(rubis.letter_fields(), '|')),
    '...', 'g');
  v_place int := regexp_instr(v_rest, '[{}]');
begin
  if v_place > 0 then
    return format(
      'line %s: %s',
      length(regexp_replace(left(v_rest, v_place), '[^\n]', '', 'g')) + 1,
      substring(substr(v_rest, v_place) from '^\{[^{}\n]{0,40}\}|^.'));
  end if;
  return null;
end;
$$;
comment on function rubis.wording_fault(text) is
  'What a wording holds that is no field of a letter, and where: line 2: {montant}; null: nothing.';
