create or replace function rubis.fits_draft(p_field text, p_value jsonb)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether a column of import_draft takes a value, by trying: the column's domain is the rule.
--   Called by  rubis.draft_faults
begin
  perform jsonb_populate_record(null::rubis.import_draft, jsonb_build_object(p_field, p_value));
  return true;
exception
  when check_violation or data_exception then
    return false;
end;
$$;
comment on function rubis.fits_draft(text, jsonb) is
  'Whether the column p_field of import_draft takes a JSON value.';
