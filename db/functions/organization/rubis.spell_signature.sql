create or replace function rubis.spell_signature()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Take a signature as it is pasted: each line ends with one line feed and no spaces, whatever ended
-- it; a tab is a space.
--   Called by  trigger organization_10_spell_signature, before insert or update of signature
begin
  new.signature := regexp_replace(new.signature, '\r\n|[\r\u0085\u2028\u2029]', E'\n', 'g');
  new.signature := btrim(
    regexp_replace(replace(new.signature, E'\t', ' '), ' +(?=\n)', '', 'g'), E' \n');
  return new;
end;
$$;
comment on function rubis.spell_signature() is
  'Trigger: a signature with line feeds alone, and without spaces at the ends of its lines.';
