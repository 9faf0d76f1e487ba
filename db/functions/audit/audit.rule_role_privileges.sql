-- The auditor may execute the functions of rubis that the views call: they run with their reader's
-- rights.

create view audit.rule_role_privileges as
with service (role, schema) as (
  values ('rubis_api', 'api'), ('rubis_worker', 'worker'), ('rubis_worker', 'queue'),
    ('rubis_auditor', 'audit')
),

reach as (
  select r.role, n.oid as namespace, n.nspname::text as schema,
         exists(
           select from service as s where s.role = r.role and s.schema = n.nspname) as is_theirs
    from (select distinct s.role from service as s) as r
    join pg_catalog.pg_namespace as n on n.nspname in ('rubis', 'api', 'worker', 'audit', 'queue')
),

fault as (
  select r.role, 'schema ' || r.schema as object,
         case when r.is_theirs then 'lacks usage' else 'has usage or create' end as fault
    from reach as r
   where has_schema_privilege(r.role, r.namespace, 'usage') <> r.is_theirs
      or has_schema_privilege(r.role, r.namespace, 'create')
  union all
  select r.role, 'relation ' || c.oid::regclass, 'has a privilege on it'
    from reach as r
    join pg_catalog.pg_class as c
      on c.relnamespace = r.namespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
   where (not r.is_theirs or r.schema in ('rubis', 'api', 'worker'))
     and (has_table_privilege(
         r.role, c.oid, 'select, insert, update, delete, truncate, references, trigger')
       or has_any_column_privilege(r.role, c.oid, 'select, insert, update, references'))
  union all
  select r.role, 'view ' || c.oid::regclass, 'has more or less than select on it'
    from reach as r
    join pg_catalog.pg_class as c on c.relnamespace = r.namespace and c.relkind = 'v'
   where r.is_theirs and r.schema = 'audit'
     and (not has_table_privilege(r.role, c.oid, 'select')
       or has_table_privilege(r.role, c.oid,
         'insert, update, delete, truncate, references, trigger'))
  union all
  select r.role, 'routine ' || p.oid::regprocedure,
         case when r.is_theirs then 'cannot execute it' else 'can execute it' end
    from reach as r
    join pg_catalog.pg_proc as p on p.pronamespace = r.namespace
   where has_function_privilege(r.role, p.oid, 'execute') <> r.is_theirs
     and not (
       r.role = 'rubis_auditor' and r.schema = 'rubis'
       and exists (
         select from pg_catalog.pg_depend as d
           join pg_catalog.pg_rewrite as w on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
           join pg_catalog.pg_class as c on c.oid = w.ev_class
          where d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid
            and c.relnamespace = 'audit'::regnamespace))
  union all
  select r.rolname, 'role',
         case when r.rolsuper then 'is a superuser' else 'may act as rubis_owner' end
    from pg_catalog.pg_roles as r
   where r.rolname in (select s.role from service as s)
     and (r.rolsuper or pg_has_role(r.oid, 'rubis_owner', 'member'))
)

select f.role, f.object, f.fault,
       'run rubis migrate; revoke memberships and attributes given by hand' as remedy
from fault as f;

comment on view audit.rule_role_privileges is
  'rubis_api, rubis_worker and rubis_auditor reach '
  'exactly their own schemas, and no table of ours.';
