create view audit.rule_lock_strength as
select c.signature,
       'say for no key update: for update on an invoice deadlocks against foreign key checks; '
         || 'only rubis.planning is shared' as remedy
from audit.function_cards as c
where regexp_replace(c.body, '--[^\n]*|for share of planning', '', 'g')
      ~* '\mfor\s+(update|share)\M'
  and not exists (
    select from audit.exceptions as x
     where x.rule = 'rule_lock_strength' and x.object = c.schema || '.' || c.name);

comment on view audit.rule_lock_strength is
  'Rows are locked for no key update, never for update; only rubis.planning for share.';
