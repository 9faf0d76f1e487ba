create or replace function rubis.import_counts(p_organization_id bigint, p_import_batch_id bigint)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- How far a batch is. Complete is what a draft says by itself; whether its number is free, only
-- rubis.import_doubts looks up.
--   Called by  rubis.import_batch_summary
  select jsonb_build_object(
    'pending', count(*) filter (where d.status = 'pending'),
    'complete', count(*) filter (
      where d.status = 'pending' and d.faults = '[]'
        and rubis.draft_missing(to_jsonb(d)) = '{}'),
    'validated', count(*) filter (where d.status = 'validated'),
    'discarded', count(*) filter (where d.status = 'discarded'))
    from rubis.import_draft as d
   where d.organization_id = p_organization_id and d.import_batch_id = p_import_batch_id;
$$;
comment on function rubis.import_counts(bigint, bigint) is
  'How many drafts of a batch are pending, complete (of the pending), validated, discarded.';
