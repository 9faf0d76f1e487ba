create or replace function rubis.search_key(p_text text)
returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
-- Make what people search and sort by: rubis.key without accents, so that "ecole" finds École and
-- it stands among the e. Generated columns hold it: after a change here, write them again.
--   Called by  rubis.search_invoices, api.list_clients, rubis.typed_amount, and for the generated
--              columns search_key
declare
  v_key text := rubis.key(p_text);
begin
  if octet_length(v_key) <> length(v_key) then
    v_key := replace(replace(replace(v_key, e'\u0153', 'oe'), e'\u00e6', 'ae'), e'\u00df', 'ss');
    v_key := regexp_replace(
      normalize(v_key, nfd), '[\u0300-\u036f]' collate "C", '', 'g');
  end if;
  return v_key;
end;
$$;
comment on function rubis.search_key(text) is
  'What a text is searched and sorted by: its key, without accents.';
