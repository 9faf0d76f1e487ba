create view audit.rule_status_mapped as
with checked as (
  select c.relname::text as entity, m[1] as status
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attname = 'status'
    join pg_catalog.pg_constraint as k on k.contypid = a.atttypid
   cross join lateral regexp_matches(pg_get_constraintdef(k.oid), '''([a-z_]+)''', 'g') as m
   where c.relnamespace = 'rubis'::regnamespace and c.relkind in ('r', 'p')
),

mapped as (
  select t.entity, t.to_status as status from rubis.state_transition as t
  union
  select t.entity, t.from_status from rubis.state_transition as t where t.from_status <> '(new)'
)

select coalesce(c.entity, m.entity) as entity, coalesce(c.status, m.status) as status,
       case when c.status is null
         then 'allow it in the domain of the status, or take it out of state_transition'
         else 'add the moves to it to state_transition, or take it out of the domain' end as remedy
from checked as c
full join mapped as m on m.entity = c.entity and m.status = c.status
where c.status is null or m.status is null;

comment on view audit.rule_status_mapped is
  'The statuses that a domain allows and those in state_transition are the same.';
