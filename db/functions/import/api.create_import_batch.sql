create or replace function api.create_import_batch(
  p_access_token_hash bytea, p_drafts jsonb, p_source text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Keep 1 to 500 invoices read from another system as drafts, which the user validates later. Any
-- field may be missing.
--   Called by  app/api/routes/import_batches.py
--   Writes     import_batch, import_draft
--   Raises     RB401, RB422 naming the field: drafts[2].amount_cents is of the third draft
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_import_batch_id bigint;
begin
  if jsonb_typeof(p_drafts) is distinct from 'array'
    or jsonb_array_length(p_drafts) not between 1 and 500 then
    raise exception using errcode = 'RB422', constraint = 'import_batch__drafts', column = 'drafts',
      message = 'drafts must be a list of 1 to 500 drafts';
  end if;
  perform rubis.check_drafts(p_drafts);
  insert into rubis.import_batch as b (organization_id, user_id, source)
  values (v_actor.organization_id, v_actor.user_id, p_source)
  returning b.import_batch_id into v_import_batch_id;
  insert into rubis.import_draft (
    organization_id, import_batch_id, position, source_row, faults,
    number, client_name, client_email, issued_on, due_on, amount_cents, currency)
  select v_actor.organization_id, v_import_batch_id, d.position, r.source_row,
         coalesce(r.faults, '[]'),
         r.number, r.client_name, r.client_email, r.issued_on, r.due_on, r.amount_cents, r.currency
    from jsonb_array_elements(p_drafts) with ordinality as d (draft, position)
   cross join lateral jsonb_populate_record(null::rubis.import_draft, d.draft) as r;
  return rubis.import_batch_document(v_actor.organization_id, v_import_batch_id);
end;
$$;
comment on function api.create_import_batch(bytea, jsonb, text) is
  'Keep a JSON array of 1 to 500 drafts as a batch; returns the batch with its drafts. RB401, '
  'RB422.';
