create or replace function rubis.add_default_plan()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Give a new organization its row of planning and its default plan of three steps.
--   Called by  trigger organization_50_add_default_plan
--   Writes     planning, relance_plan, relance_plan_step
begin
  insert into rubis.planning (organization_id) values (new.organization_id);
  with plan as (
    insert into rubis.relance_plan (organization_id, name, is_default)
    values (new.organization_id, 'Standard', true)
    returning organization_id, relance_plan_id
  )
  insert into rubis.relance_plan_step (organization_id, relance_plan_id, step, days_after_due, tone)
  select p.organization_id, p.relance_plan_id, s.step, s.days_after_due, s.tone
    from plan as p
   cross join (values (1, 3, 'courteous'), (2, 10, 'firm'), (3, 30, 'formal_notice'))
     as s (step, days_after_due, tone);
  return null;
end;
$$;
comment on function rubis.add_default_plan() is
  'Trigger: give a new organization the plan 3 days courteous, 10 firm, 30 formal notice.';
