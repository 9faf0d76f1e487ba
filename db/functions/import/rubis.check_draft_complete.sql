create or replace function rubis.check_draft_complete(p_draft rubis.import_draft)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Refuse to validate a draft that lacks a fact of an invoice.
--   Called by  rubis.validate_draft
--   Raises     RB422, naming the first field that is missing; the hint names them all
declare
  v_missing text[] := rubis.draft_missing(to_jsonb(p_draft));
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
