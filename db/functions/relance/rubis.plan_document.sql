create or replace function rubis.plan_document(p_plan rubis.relance_plan)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- A relance plan as the API shows it.
--   Called by  the api functions of relance plans
  select jsonb_build_object(
    'relance_plan_id', p_plan.relance_plan_id, 'name', p_plan.name, 'is_default', p_plan.is_default,
    'steps', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'step', s.step, 'days_after_due', s.days_after_due,
          'tone', s.tone) order by s.step), '[]')
        from rubis.relance_plan_step as s
       where s.organization_id = p_plan.organization_id
         and s.relance_plan_id = p_plan.relance_plan_id));
$$;
comment on function rubis.plan_document(rubis.relance_plan) is
  'A relance plan as JSON: {relance_plan_id, name, is_default, steps: [{step, days_after_due, '
  'tone}]}.';
