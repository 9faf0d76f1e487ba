create or replace function rubis.has_leftovers(p_organization_id bigint)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether a tick left something due that no mail on its way will take along: more than a piece
-- holds, or rows that another transaction held. Of each kind it looks at the first thousand; the
-- others have their turn when those are done.
--   Called by  rubis.next_due_at
  select d.is_behind or d.writes
    or exists (
      select from rubis.mail as m
       where m.organization_id = p_organization_id and m.status = 'scheduled'
         and m.next_attempt_at <= rubis.clock())
    or d.asks and exists (
      select from rubis.left_without_mail(
        array[p_organization_id], 'questions', rubis.clock(), 1000))
    or d.confirms and exists (
      select from rubis.left_without_mail(
        array[p_organization_id], 'receipts', rubis.clock(), 1000))
    from rubis.due_work(p_organization_id) as d;
$$;
comment on function rubis.has_leftovers(bigint) is
  'Whether something due in an organization is taken along by no mail on its way.';
