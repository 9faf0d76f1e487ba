create or replace function rubis.put_steps(p_plan rubis.relance_plan, p_steps jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Replace the steps of a plan by these, numbered from 1 in their order.
--   Called by  api.create_relance_plan, api.put_relance_plan
--   Writes     relance_plan_step; organization by its triggers
--   Raises     RB422
begin
  perform rubis.check_steps(p_steps);
  -- Surplus steps are deleted first, because an earlier step may take over their day. The others
  -- are updated in place, so that each relance ahead keeps its step.
  delete from rubis.relance_plan_step as s
   where s.organization_id = p_plan.organization_id and s.relance_plan_id = p_plan.relance_plan_id
     and s.step > jsonb_array_length(p_steps);
  insert into rubis.relance_plan_step (organization_id, relance_plan_id, step, days_after_due, tone)
  select p_plan.organization_id, p_plan.relance_plan_id, s.position,
         (s.step ->> 'days_after_due')::smallint, s.step ->> 'tone'
    from jsonb_array_elements(p_steps) with ordinality as s (step, position)
  on conflict (organization_id, relance_plan_id, step) do update
     set days_after_due = excluded.days_after_due, tone = excluded.tone
   where (relance_plan_step.days_after_due, relance_plan_step.tone)
     is distinct from (excluded.days_after_due, excluded.tone);
end;
$$;
comment on function rubis.put_steps(rubis.relance_plan, jsonb) is
  'Replace the steps of a plan by [{days_after_due, tone}, ...]. RB422.';
