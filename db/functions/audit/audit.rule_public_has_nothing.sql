create view audit.rule_public_has_nothing as
with held as (
  select 'schema ' || n.nspname as object, a.privilege_type, a.grantee
    from pg_catalog.pg_namespace as n
   cross join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as a
   where n.nspname in ('rubis', 'api', 'worker', 'audit', 'queue')
  union all
  select 'database ' || d.datname, a.privilege_type, a.grantee
    from pg_catalog.pg_database as d
   cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
   where d.datname = current_database() and a.privilege_type <> 'CONNECT'
  union all
  select 'relation ' || c.oid::regclass, a.privilege_type, a.grantee
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
   cross join lateral aclexplode(c.relacl) as a
   where n.nspname in ('rubis', 'api', 'worker', 'audit', 'queue')
  union all
  select format('column %s.%s', c.oid::regclass, t.attname), a.privilege_type, a.grantee
    from pg_catalog.pg_attribute as t
    join pg_catalog.pg_class as c on c.oid = t.attrelid
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
   cross join lateral aclexplode(t.attacl) as a
   where n.nspname in ('rubis', 'api', 'worker', 'audit', 'queue')
  union all
  select 'routine ' || p.oid::regprocedure, a.privilege_type, a.grantee
    from pg_catalog.pg_proc as p
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
   cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
   where n.nspname in ('rubis', 'api', 'worker', 'audit', 'queue')
  union all
  select 'type ' || t.oid::regtype, a.privilege_type, a.grantee
    from pg_catalog.pg_type as t
    join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
    left join pg_catalog.pg_class as c on c.oid = t.typrelid
   cross join lateral aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) as a
   where n.nspname in ('rubis', 'api', 'worker', 'audit', 'queue')
     and t.typelem = 0 and (t.typtype in ('d', 'e') or c.relkind = 'c')
)

select h.object, h.privilege_type as privilege,
       'run rubis migrate: it takes everything back' as remedy
from held as h
where h.grantee = 0;

comment on view audit.rule_public_has_nothing is
  'PUBLIC may use no schema, relation, column, function or '
  'type of ours or of the queue, and make no temporary table.';
