create or replace function rubis.put_off_questions(
  p_organization_id bigint, p_user_id bigint, p_until timestamptz, p_limit int
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Put off the due questions of a user to p_until, but for those asked by hand; without p_until hold
-- them all until the address is proven. Rows that others hold are left for the next tick.
--   Called by  rubis.gather_questions
--   Writes     checkin_task
  with due as (
    select t.checkin_task_id
      from rubis.checkin_task as t
      join rubis.invoice as i
        on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
     where t.organization_id = p_organization_id and t.status = 'scheduled'
       and t.scheduled_at <= rubis.clock() and i.user_id = p_user_id
       and (p_until is null or not t.asked_by_hand)
     order by t.scheduled_at
     limit p_limit
       for no key update of t skip locked
  )
  update rubis.checkin_task as t
     set scheduled_at = coalesce(p_until, t.scheduled_at),
         status = case when p_until is null then 'held' else 'scheduled' end,
         hold_reason = case when p_until is null then 'address_unproven' end
    from due as d
   where t.organization_id = p_organization_id and t.checkin_task_id = d.checkin_task_id;
$$;
comment on function rubis.put_off_questions(bigint, bigint, timestamptz, int) is
  'Put off at most p_limit due questions of a user, or hold them while p_until is null.';
