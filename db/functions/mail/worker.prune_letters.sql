create or replace function worker.prune_letters(p_limit int default 1000)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Delete the texts of letters that are kept no longer, at most p_limit, in all organizations at
-- once. That the letter left stays on record.
--   Called by  worker/chores.py
--   Writes     letter_text
declare
  v_deleted int;
begin
  with outdated as materialized (
    select x.organization_id, x.mail_id, x.attempt from rubis.letter_text as x
     where x.kept_until <= rubis.clock()
     order by x.kept_until limit p_limit
       for no key update skip locked
  )
  delete from rubis.letter_text as t
   using outdated as o
   where t.organization_id = o.organization_id and t.mail_id = o.mail_id
     and t.attempt = o.attempt;
  get diagnostics v_deleted = row_count;
  return jsonb_build_object('letter_texts', v_deleted);
end;
$$;
comment on function worker.prune_letters(int) is
  'Delete the texts of letters whose kept_until has passed, at most p_limit: {letter_texts} '
  'deleted.';
