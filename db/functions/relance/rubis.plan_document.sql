create or replace function rubis.plan_document(p_plan rubis.relance_plan)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- A relance plan as the API shows it, with how many clients follow it. A step that comes sooner
-- than a formal notice before it allows leaves later than its day says; the steps after it keep
-- their distance.
--   Called by  the api functions of relance plans
  select jsonb_build_object(
    'relance_plan_id', p_plan.relance_plan_id, 'name', p_plan.name, 'is_default', p_plan.is_default,
    'client_count', (
      select count(*) from rubis.client as c
       where c.organization_id = p_plan.organization_id and c.merged_into_client_id is null
         and not c.is_sample
         and (c.relance_plan_id = p_plan.relance_plan_id
           or (p_plan.is_default and c.relance_plan_id is null))),
    'steps', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'step', s.step, 'days_after_due', s.days_after_due,
          'earliest_days_after_due', s.earliest, 'tone', s.tone) order by s.step), '[]')
        from (
          select s.step, s.days_after_due, s.tone,
                 sum(greatest(
                   s.days_after_due - coalesce(s.days_before, 0),
                   case s.tone_before when 'formal_notice' then rubis.notice_days() + 1 end))
                   over (order by s.step) as earliest
            from (
              select s.step, s.days_after_due, s.tone,
                     lag(s.days_after_due) over steps as days_before,
                     lag(s.tone) over steps as tone_before
                from rubis.relance_plan_step as s
               where s.organization_id = p_plan.organization_id
                 and s.relance_plan_id = p_plan.relance_plan_id
              window steps as (order by s.step)) as s) as s));
$$;
comment on function rubis.plan_document(rubis.relance_plan) is
  'A relance plan as JSON: {relance_plan_id, name, is_default, client_count, steps: [{step, '
  'days_after_due, earliest_days_after_due, tone}]}.';
