create or replace function rubis.put_steps(p_plan rubis.relance_plan, p_steps jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Replace the steps of a plan by these, numbered from 1 in their order. The error names the first
-- value that is not allowed.
--   Called by  api.create_relance_plan, api.put_relance_plan
--   Writes     relance_plan_step; organization by its triggers
--   Raises     RB422
declare
  v_wrong text;
begin
  if jsonb_typeof(p_steps) is distinct from 'array' or jsonb_array_length(p_steps) > 20 then
    raise exception using errcode = 'RB422', constraint = 'relance_plan__steps', column = 'steps',
      message = 'steps must be a list of at most 20';
  end if;
  with given as (
    select s.position, s.step ->> 'days_after_due' as days, s.step ->> 'tone' as tone,
           lag(s.step ->> 'days_after_due') over (order by s.position) as days_before
      from jsonb_array_elements(p_steps) with ordinality as s (step, position)
  )
  select format('steps[%s].%s', g.position - 1, case
           when g.tone in ('courteous', 'firm', 'formal_notice') then 'days_after_due'
           else 'tone' end) into v_wrong
    from given as g
   where g.tone is null or g.tone not in ('courteous', 'firm', 'formal_notice')
      or g.days is null or g.days !~ '^[0-9]{1,3}$' or g.days::int not between 1 and 365
      or g.days::int <= coalesce(g.days_before, '0')::int
   order by g.position limit 1;
  if found then
    raise exception using errcode = 'RB422', constraint = 'relance_plan__steps', column = v_wrong,
      message = format(
        '%s is not allowed: days_after_due must rise from step to step, from 1 to 365; '
        'tone must be courteous, firm or formal_notice', v_wrong);
  end if;
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
