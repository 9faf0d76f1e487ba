-- tgtype is a sum: 1 row (else statement), 2 before, 4 insert, 8 delete, 16 update, 32 truncate.

create view audit.rule_tenant_fixed as
select c.relname::text as table_name,
       'add a trigger that calls rubis.refuse_tenant_change, '
         'or rubis.refuse_rewriting if it is append-only' as remedy
from pg_catalog.pg_class as c
join pg_catalog.pg_attribute as a
  on a.attrelid = c.oid and a.attname = 'organization_id' and a.attidentity <> 'a'
where c.relnamespace = 'rubis'::regnamespace and c.relkind in ('r', 'p')
  and not exists (
    select from pg_catalog.pg_trigger as t
      join pg_catalog.pg_proc as p on p.oid = t.tgfoid
     where t.tgrelid = c.oid and t.tgenabled <> 'D' and t.tgqual is null
       and (
         p.proname = 'refuse_tenant_change' and t.tgtype = 1 | 2 | 16
         and t.tgattr::text in ('', a.attnum::text)
         or p.proname = 'refuse_rewriting' and t.tgtype & (2 | 16) = 2 | 16
         and t.tgattr::text = ''));

comment on view audit.rule_tenant_fixed is
  'No row moves to another organization: a trigger of every tenant table refuses it.';
