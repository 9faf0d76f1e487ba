-- tgtype is a sum: 1 row (else statement), 2 before, 4 insert, 8 delete, 16 update, 32 truncate.

create view audit.rule_append_only as
select t.table_name,
       'add a trigger before update or delete or truncate that calls rubis.refuse_rewriting'
         as remedy
from (values ('activity_event'), ('rubis_entry'), ('checkin_click')) as t (table_name)
where not exists (
  select from pg_catalog.pg_trigger as g
    join pg_catalog.pg_class as c on c.oid = g.tgrelid
    join pg_catalog.pg_proc as p on p.oid = g.tgfoid
   where c.relnamespace = 'rubis'::regnamespace and c.relname = t.table_name
     and p.proname = 'refuse_rewriting'
     and g.tgtype = 2 | 8 | 16 | 32 and g.tgattr::text = '' and g.tgqual is null
     and g.tgenabled <> 'D');

comment on view audit.rule_append_only is
  'History is append-only: a trigger refuses every update, delete and truncate.';
