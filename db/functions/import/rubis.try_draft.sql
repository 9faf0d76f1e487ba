create or replace function rubis.try_draft(p_draft rubis.import_draft)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Validate one draft of many: if it is refused, nothing is written of it and the refusal is told.
--   Called by  api.validate_certain_drafts
--   Writes     client if new, invoice, import_draft
declare
  v_reason text;
  v_field text;
begin
  perform rubis.validate_draft(p_draft);
  return null;
exception when sqlstate 'RB409' or sqlstate 'RB422' then
  get stacked diagnostics v_reason = constraint_name, v_field = column_name;
  return jsonb_build_object(
    'import_draft_id', p_draft.import_draft_id, 'field', v_field, 'reason', v_reason);
end;
$$;
comment on function rubis.try_draft(rubis.import_draft) is
  'Validate a draft, or tell why it is refused: {import_draft_id, field, reason}; null if valid.';
