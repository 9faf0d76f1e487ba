create view audit.rule_tenant_first as
with tenant_table as (
  select c.oid, c.relname::text as name, a.attnum, a.attnotnull
    from pg_catalog.pg_class as c
    left join pg_catalog.pg_attribute as a
      on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
   where c.relnamespace = 'rubis'::regnamespace and c.relkind in ('r', 'p')
),

fault as (
  select t.name as object, 'has no organization_id that is not null' as fault
    from tenant_table as t
   where not coalesce(t.attnotnull, false)
  union all
  select i.indexrelid::regclass::text, 'does not start with organization_id'
    from tenant_table as t
    join pg_catalog.pg_index as i on i.indrelid = t.oid
   where t.attnum is not null and i.indkey[0] <> t.attnum
  union all
  select k.conname::text, 'does not start with organization_id on both sides'
    from tenant_table as t
    join pg_catalog.pg_constraint as k on k.conrelid = t.oid and k.contype = 'f'
    join tenant_table as r on r.oid = k.confrelid
   where t.attnum is not null
     and (k.conkey[1] <> t.attnum or k.confkey[1] is distinct from r.attnum)
)

select f.object, f.fault,
       'put organization_id first, or add it to audit.exceptions with the reason' as remedy
from fault as f
where not exists (
  select from audit.exceptions as x
   where x.rule = 'rule_tenant_first' and x.object = regexp_replace(f.object, '^rubis\.', ''));

comment on view audit.rule_tenant_first is
  'organization_id is first in every key, index and foreign key '
  'of every tenant table; audit.exceptions lists what is not.';
