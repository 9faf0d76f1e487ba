create view audit.rule_search_path as
select p.oid::regprocedure as function, p.proconfig as settings,
       'add: set search_path = pg_catalog, pg_temp' as remedy
from pg_catalog.pg_proc as p
join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
where n.nspname in ('rubis', 'api', 'worker', 'audit')
  and not coalesce('search_path=pg_catalog, pg_temp' = any(p.proconfig), false)
  and not (
    coalesce('search_path=queue, pg_temp' = any(p.proconfig), false)
    and exists (
      select from audit.exceptions as x
       where x.rule = 'rule_search_path' and x.object = n.nspname || '.' || p.proname)
  );

comment on view audit.rule_search_path is
  'Every function pins a search_path with pg_temp last, so '
  'its caller cannot slip in a table, a type or an operator.';
