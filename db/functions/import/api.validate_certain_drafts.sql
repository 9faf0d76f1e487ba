create or replace function api.validate_certain_drafts(
  p_access_token_hash bytea, p_import_batch_id bigint
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Validate each pending draft of a batch that nothing speaks against. A draft that is refused stays
-- pending, as one in doubt does, and does not stop the others. Clients come first, then numbers,
-- each in the order of their keys: so two batches at once wait for each other, never in a circle.
--   Called by  app/api/routes/import_batches.py
--   Writes     client if new, invoice, import_draft
--   Raises     RB401, RB404
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_batch rubis.import_batch :=
    rubis.find_import_batch(v_actor.organization_id, p_import_batch_id);
  v_certain bigint[];
  v_validated int := 0;
  v_left jsonb;
  v_draft rubis.import_draft;
  v_refusal jsonb;
begin
  perform from rubis.import_draft as d
    where d.organization_id = v_batch.organization_id
      and d.import_batch_id = v_batch.import_batch_id and d.status = 'pending'
    order by d.import_draft_id for no key update;
  select coalesce(array_agg(h.import_draft_id) filter (where h.doubts = '[]'), '{}'),
         coalesce(jsonb_agg(jsonb_build_object(
           'import_draft_id', h.import_draft_id, 'field', h.doubts -> 0 -> 'field',
           'reason', h.doubts -> 0 -> 'code')) filter (where h.doubts <> '[]'), '[]')
    into v_certain, v_left
    from rubis.import_doubts(v_batch.organization_id, v_batch.import_batch_id) as h;
  perform rubis.prepare_clients(v_batch.organization_id, v_certain);
  for v_draft in
    select d.* from rubis.import_draft as d
     where d.organization_id = v_batch.organization_id
       and d.import_draft_id = any (v_certain)
     order by rubis.key(d.number)
  loop
    v_refusal := rubis.try_draft(v_draft);
    if v_refusal is null then
      v_validated := v_validated + 1;
    else
      v_left := v_left || v_refusal;
    end if;
  end loop;
  return jsonb_build_object('validated', v_validated, 'left', (
    select coalesce(jsonb_agg(l.item order by l.item -> 'import_draft_id'), '[]')
      from jsonb_array_elements(v_left) as l (item)));
end;
$$;
comment on function api.validate_certain_drafts(bytea, bigint) is
  'Validate the pending drafts of a batch that are certain: {validated, left: [{import_draft_id, '
  'field, reason}]}. RB401, RB404.';
