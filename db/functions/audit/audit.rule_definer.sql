create view audit.rule_definer as
select c.signature, c.security_definer,
       case when c.security_definer
         then 'make it security invoker: only api and worker functions act as the owner'
         else 'make it security definer: its callers have no privilege on tables' end as remedy
from audit.function_cards as c
where c.security_definer <> (c.schema in ('api', 'worker'))
  and not exists (
    select from audit.exceptions as x
     where x.rule = 'rule_definer' and x.object = c.schema || '.' || c.name);

comment on view audit.rule_definer is
  'The functions of api and worker, and no others, run with the owner''s rights.';
