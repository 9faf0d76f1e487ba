-- tgtype is a sum: 1 row (else statement), 2 before, 4 insert, 8 delete, 16 update, 32 truncate. A
-- row in its first status needs no guard if the state map has that status: the condition may let it
-- pass, and nothing else.

create view audit.rule_status_guarded as
with guard as (
  select t.tgrelid, t.tgtype, t.tgattr::text as columns,
         substring(pg_get_triggerdef(t.oid) from 'WHEN \((.*)\) EXECUTE') as condition
    from pg_catalog.pg_trigger as t
    join pg_catalog.pg_proc as p on p.oid = t.tgfoid
   where p.proname = 'guard_status' and t.tgtype & (1 | 2) = 1 | 2 and t.tgenabled <> 'D'
)

select c.relname::text as table_name, e.event,
       format('add a trigger before %s that calls rubis.guard_status; its only condition may be, '
         'on insert, that the '
         'status is not one the state map has for (new)', e.event) as remedy
from pg_catalog.pg_class as c
join pg_catalog.pg_attribute as a
  on a.attrelid = c.oid and a.attname = 'status' and not a.attisdropped
cross join (values ('insert', 4), ('update of status', 16)) as e (event, bit)
where c.relnamespace = 'rubis'::regnamespace and c.relkind in ('r', 'p')
  and not exists (
    select from guard as g
     where g.tgrelid = c.oid and g.tgtype & e.bit = e.bit
       and (g.columns in ('', a.attnum::text) or e.event = 'insert')
       and (
         g.condition is null
         or e.event = 'insert' and exists (
           select from rubis.state_transition as t
            where t.entity = c.relname and t.from_status = '(new)'
              and g.condition = format('((new.status)::text <> %L::text)', t.to_status))));

comment on view audit.rule_status_guarded is
  'Every status is guarded by rubis.guard_status on insert and '
  'update; only a first status of the state map may pass unasked.';
