-- tgtype is a sum: 1 row (else statement), 2 before, 4 insert, 8 delete, 16 update, 32 truncate.

create view audit.rule_status_guarded as
select c.relname::text as table_name,
       'add a trigger before insert or update of status that calls rubis.guard_status' as remedy
from pg_catalog.pg_class as c
join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attname = 'status' and not a.attisdropped
where c.relnamespace = 'rubis'::regnamespace and c.relkind in ('r', 'p')
  and not exists (
    select from pg_catalog.pg_trigger as t
      join pg_catalog.pg_proc as p on p.oid = t.tgfoid
     where t.tgrelid = c.oid and p.proname = 'guard_status' and t.tgtype = 1 | 2 | 4 | 16
       and t.tgattr::text in ('', a.attnum::text) and t.tgqual is null and t.tgenabled <> 'D');

comment on view audit.rule_status_guarded is 'Every status column is guarded by rubis.guard_status on insert and update.';
