-- When an organization reminds its clients, and in what tone.

create table rubis.relance_plan (
  organization_id bigint not null,
  relance_plan_id bigint generated always as identity,
  name rubis.name not null,
  is_default boolean not null default false,
  created_at rubis.moment not null default rubis.clock(),
  constraint relance_plan__pkey primary key (organization_id, relance_plan_id),
  constraint relance_plan__organization foreign key (organization_id)
  references rubis.organization (organization_id)
);
-- An expression, also so that a new name is no new key: the foreign keys of relances need not wait
-- for it.
create unique index relance_plan__name on rubis.relance_plan (organization_id, rubis.key(name));
create unique index relance_plan__one_default on rubis.relance_plan (organization_id)
where is_default;
comment on table rubis.relance_plan is
  'A sequence of steps. Every organization is born with a default plan.';
