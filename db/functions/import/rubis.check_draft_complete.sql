create or replace function rubis.check_draft_complete(p_draft rubis.import_draft)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Refuse to validate a draft that lacks a fact of an invoice. The client's e-mail may be missing;
-- the currency has a default, and so has the due date, by the client's terms.
--   Called by  api.validate_import_draft
--   Raises     RB422, naming the first field that is missing; the hint names them all
declare
  v_draft jsonb := jsonb_strip_nulls(to_jsonb(p_draft));
  v_missing text[] := array(
    select f.field
      from unnest(array['number', 'client_name', 'issued_on', 'amount_cents'])
        with ordinality as f (field, place)
     where not v_draft ? f.field
     order by f.place);
begin
  if cardinality(v_missing) > 0 then
    raise exception using errcode = 'RB422', constraint = 'import_draft__incomplete',
      column = v_missing[1],
      message = format('%s is missing', v_missing[1]),
      hint = format('missing: %s', array_to_string(v_missing, ', '));
  end if;
end;
$$;
comment on function rubis.check_draft_complete(rubis.import_draft) is
  'Refuse a draft that lacks number, client_name, issued_on or amount_cents. RB422.';
