create or replace function rubis.check_drafts(p_drafts jsonb, p_path text default 'drafts[%s]')
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Refuse a list of drafts, naming the first value at fault. p_path is the place of draft %s (from
-- 0) in the request; it is empty if the draft is the whole request.
--   Called by  api.create_import_batch, api.update_import_draft
--   Raises     RB422
declare
  v_fault record;
begin
  select f.reason, f.field, f.message,
         concat_ws('.', nullif(format(p_path, d.place - 1), ''), f.field) as path
    into v_fault
    from jsonb_array_elements(p_drafts) with ordinality as d (draft, place)
   cross join lateral rubis.draft_faults(d.draft) as f
   order by d.place, f.place limit 1;
  if found then
    raise exception using errcode = 'RB422', constraint = 'import_draft__' || v_fault.reason,
      column = v_fault.path,
      message = concat_ws(' ', coalesce(v_fault.field, 'a draft'), v_fault.message);
  end if;
end;
$$;
comment on function rubis.check_drafts(jsonb, text) is
  'Refuse a JSON array of drafts that has a fault, naming it as p_path says. RB422.';
