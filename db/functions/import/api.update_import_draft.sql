create or replace function api.update_import_draft(
  p_access_token_hash bytea, p_import_batch_id bigint, p_import_draft_id bigint, p_changes jsonb
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Correct a pending draft. Null empties a field. What could not be read of a field that is given
-- is settled.
--   Called by  app/api/routes/import_batches.py
--   Writes     import_draft
--   Raises     RB401, RB404, RB409 import_draft__validated, RB409 import_draft__discarded, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_draft rubis.import_draft;
begin
  perform rubis.check_fields(p_changes, '{}', array[
    'number', 'client_name', 'client_email', 'issued_on', 'due_on', 'amount_cents', 'currency']);
  perform rubis.check_drafts(jsonb_build_array(p_changes), '');
  v_draft := rubis.lock_import_draft(v_actor.organization_id, p_import_batch_id, p_import_draft_id);
  if v_draft.status <> 'pending' then
    raise exception using errcode = 'RB409', constraint = 'import_draft__' || v_draft.status,
      column = 'import_draft_id',
      message = format('import draft %s is %s', p_import_draft_id, v_draft.status);
  end if;
  v_draft := jsonb_populate_record(v_draft, p_changes);
  update rubis.import_draft as d
     set number = v_draft.number, client_name = v_draft.client_name,
         client_email = v_draft.client_email,
         issued_on = v_draft.issued_on, due_on = v_draft.due_on,
         amount_cents = v_draft.amount_cents, currency = v_draft.currency,
         faults = (
           select coalesce(jsonb_agg(f.fault order by f.place), '[]')
             from jsonb_array_elements(v_draft.faults) with ordinality as f (fault, place)
            where not p_changes ? (f.fault ->> 'field'))
   where d.organization_id = v_actor.organization_id and d.import_draft_id = p_import_draft_id;
  return rubis.import_draft_shown(
    v_draft.organization_id, v_draft.import_batch_id, v_draft.import_draft_id);
end;
$$;
comment on function api.update_import_draft(bytea, bigint, bigint, jsonb) is
  'Correct the fields of a pending draft; returns it. RB401, RB404, RB409, RB422.';
