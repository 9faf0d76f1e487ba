create view audit.rule_commented as
with named as (
  select 'routine' as kind, p.oid::regprocedure::text as object, p.proname::text as name,
         obj_description(p.oid, 'pg_proc') as comment
    from pg_catalog.pg_proc as p
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
   where n.nspname in ('rubis', 'api', 'worker', 'audit')
  union all
  select case c.relkind when 'v' then 'view' else 'table' end, c.oid::regclass::text, c.relname,
         obj_description(c.oid, 'pg_class')
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
   where n.nspname in ('rubis', 'api', 'worker', 'audit') and c.relkind in ('r', 'p', 'v')
  union all
  select 'schema', n.nspname, n.nspname, obj_description(n.oid, 'pg_namespace')
    from pg_catalog.pg_namespace as n
   where n.nspname in ('rubis', 'api', 'worker', 'audit', 'queue')
  union all
  select 'type', t.oid::regtype::text, t.typname,
         coalesce(obj_description(t.oid, 'pg_type'), obj_description(t.typrelid, 'pg_class'))
    from pg_catalog.pg_type as t
    join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
    left join pg_catalog.pg_class as c on c.oid = t.typrelid
   where n.nspname in ('rubis', 'api', 'worker', 'audit')
     and (t.typtype in ('d', 'e') or c.relkind = 'c')
)

select d.kind, d.object, 'add a comment on it to its file' as remedy
from named as d
where coalesce(d.comment, '') = ''
  and not exists (
    select from audit.exceptions as x where x.rule = 'rule_commented' and x.object = d.name);

comment on view audit.rule_commented is
  'Every schema, table, view, function and type of ours has a comment.';
