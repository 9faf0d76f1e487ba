create view audit.rule_token_first as
select c.signature,
       'take p_access_token_hash bytea first and call rubis.require_actor with it' as remedy
from audit.function_cards as c
where c.schema = 'api'
  and (c.arguments !~ '^p_access_token_hash bytea'
      or strpos(c.body, 'rubis.require_actor(p_access_token_hash)') = 0)
  and not exists (
    select from audit.exceptions as x
     where x.rule = 'rule_token_first' and x.object = c.schema || '.' || c.name);

comment on view audit.rule_token_first is
  'The token is the right: every function of api that is '
  'not public takes it first and asks rubis.require_actor.';
