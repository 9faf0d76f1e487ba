create or replace function rubis.import_doubts(
  p_organization_id bigint, p_import_batch_id bigint
)
returns table (import_draft_id bigint, doubts jsonb)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- What speaks against validating each pending draft of a batch as it stands: what could not be
-- read, what is missing, a due date before the issue, a number of an invoice or of another draft, a
-- name that several clients have. A field that could not be read is not missing too.
--   Called by  rubis.import_batch_document, rubis.import_draft_shown, api.review_import_batch,
--              api.validate_certain_drafts
  with pending as (
    select d.import_draft_id, d.faults, d.client_name, d.client_email, d.issued_on, d.due_on,
           rubis.key(d.number) as number_key, rubis.draft_missing(to_jsonb(d)) as missing,
           count(*) over (partition by rubis.key(d.number)) as alike
      from rubis.import_draft as d
     where d.organization_id = p_organization_id and d.import_batch_id = p_import_batch_id
       and d.status = 'pending'
  )
  select p.import_draft_id, p.faults || coalesce((
      select jsonb_agg(jsonb_build_object(
               'field', f.field, 'code', f.code, 'text', null, 'column', null) order by f.place)
        from (
          select m.place, m.field, 'missing' as code
            from unnest(p.missing) with ordinality as m (field, place)
           where not p.faults @> jsonb_build_array(jsonb_build_object('field', m.field))
          union all
          select 10, 'due_on', 'before_issue' where p.due_on < p.issued_on
          union all
          select 11, 'number', case when i.invoice_id is null then 'twice' else 'in_use' end
            from (values (1)) as always
            left join rubis.invoice as i
              on i.organization_id = p_organization_id and rubis.key(i.number) = p.number_key
             and i.status <> 'cancelled'
           where p.number_key is not null and (i.invoice_id is not null or p.alike > 1)
          union all
          select 12, 'client_name', 'ambiguous'
           where p.client_email is null and cardinality(
             rubis.clients_named(p_organization_id, p.client_name, null)) > 1
        ) as f), '[]') as doubts
    from pending as p;
$$;
comment on function rubis.import_doubts(bigint, bigint) is
  'The doubts about each pending draft of a batch: a list of {field, code, text, column}, empty if '
  'it is certain.';
