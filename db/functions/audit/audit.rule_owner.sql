create view audit.rule_owner as
with owned as (
  select 'schema ' || n.nspname as object, n.nspowner as owner
    from pg_catalog.pg_namespace as n
   where n.nspname in ('rubis', 'api', 'worker', 'audit', 'queue')
  union all
  select 'relation ' || c.oid::regclass, c.relowner
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
   where n.nspname in ('rubis', 'api', 'worker', 'audit', 'queue')
  union all
  select 'routine ' || p.oid::regprocedure, p.proowner
    from pg_catalog.pg_proc as p
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
   where n.nspname in ('rubis', 'api', 'worker', 'audit', 'queue')
  union all
  select 'type ' || t.oid::regtype, t.typowner
    from pg_catalog.pg_type as t
    join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
   where n.nspname in ('rubis', 'api', 'worker', 'audit', 'queue')
)

select o.object, pg_get_userbyid(o.owner) as owner, 'alter its owner to rubis_owner' as remedy
from owned as o
where pg_get_userbyid(o.owner) <> 'rubis_owner'
union all
select 'role rubis_owner', r.rolname,
       'alter role rubis_owner nologin nosuperuser nobypassrls nocreaterole nocreatedb'
from pg_catalog.pg_roles as r
where r.rolname = 'rubis_owner'
  and (r.rolsuper or r.rolcanlogin or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb);

comment on view audit.rule_owner is
  'rubis_owner owns everything and is no superuser: a definer '
  'function of a superuser would open the whole server.';
