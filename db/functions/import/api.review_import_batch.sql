create or replace function api.review_import_batch(
  p_access_token_hash bytea, p_import_batch_id bigint, p_page int default 1
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- A batch as a person goes through it: how far it is, and a page of 50 drafts: those in doubt
-- first, then those that are certain, then those that are done. Pages are numbered, for a batch has
-- at most ten; after the last one there are no drafts.
--   Called by  app/api/routes/import_batches.py
--   Raises     RB401, RB404, RB422
declare
  c_drafts_per_page constant int := 50;
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_batch rubis.import_batch :=
    rubis.find_import_batch(v_actor.organization_id, p_import_batch_id);
  v_review jsonb;
begin
  if p_page is null or p_page not between 1 and 1000 then
    raise exception using errcode = 'RB422', constraint = 'page__range', column = 'page',
      message = 'page must be a number from 1 to 1000';
  end if;
  with ranked as (
    select d, h.doubts, coalesce(h.doubts = '[]', false) as is_certain,
           row_number() over (
             order by case when h.doubts is null then 3 when h.doubts = '[]' then 2 else 1 end,
                      d.position) as place
      from rubis.import_draft as d
      left join rubis.import_doubts(v_batch.organization_id, v_batch.import_batch_id) as h
        on h.import_draft_id = d.import_draft_id
     where d.organization_id = v_batch.organization_id
       and d.import_batch_id = v_batch.import_batch_id
  )
  select jsonb_build_object(
    'certain', count(*) filter (where r.is_certain),
    'page', p_page,
    'pages', (count(*) + c_drafts_per_page - 1) / c_drafts_per_page,
    'drafts', coalesce(
      jsonb_agg(rubis.import_draft_document(r.d, r.doubts) order by r.place)
        filter (where (r.place - 1) / c_drafts_per_page + 1 = p_page), '[]'))
    into v_review from ranked as r;
  return rubis.import_batch_summary(v_batch) || v_review;
end;
$$;
comment on function api.review_import_batch(bytea, bigint, int) is
  'An import batch with one page of its drafts, those in doubt first: its summary, and certain, '
  'page, pages, drafts. RB401, RB404, RB422.';
