create view audit.rule_function_callers as
with named as (
  select c.signature, c.schema || '.' || c.name as callee, m[1] as caller
    from audit.function_cards as c
   cross join lateral regexp_matches(
     c.called_by, '\m((?:rubis|api|worker)\.[a-z0-9_]+)(?![a-z0-9_*])', 'g') as m
)

select n.signature, n.caller,
       'correct Called by in the card: ' || n.caller || ' does not call it' as remedy
from named as n
where not exists (
  select from audit.function_cards as c
   where c.schema || '.' || c.name = n.caller and strpos(c.body, n.callee || '(') > 0);

comment on view audit.rule_function_callers is
  'A function named under Called by exists and calls this one.';
