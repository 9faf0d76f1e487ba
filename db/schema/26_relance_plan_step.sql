-- One reminder of a plan.

create table rubis.relance_plan_step (
  organization_id bigint not null,
  relance_plan_id bigint not null,
  step smallint not null,
  days_after_due rubis.days_after_due not null,
  tone rubis.tone not null,
  constraint relance_plan_step__pkey primary key (organization_id, relance_plan_id, step),
  constraint relance_plan_step__plan foreign key (organization_id, relance_plan_id)
  references rubis.relance_plan (organization_id, relance_plan_id),
  constraint relance_plan_step__step check (step >= 1),
  constraint relance_plan_step__days_distinct unique (
    organization_id, relance_plan_id, days_after_due)
  deferrable initially immediate
);
comment on table rubis.relance_plan_step is
  'One reminder of a plan: how long after the due date, and in what tone.';
comment on column rubis.relance_plan_step.days_after_due is
  'Calendar days after the due date; at least one, for the check-in comes first.';
