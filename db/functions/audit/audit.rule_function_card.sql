create view audit.rule_function_card as
with card as (
  select c.*,
         array(
           select distinct m[1] from regexp_matches(c.body, 'errcode = ''(RB[0-9]{3})''', 'g') as m
         ) as codes
    from audit.function_cards as c
)

select c.signature, f.fault, 'complete the card at the head of the body, as STYLE has it' as remedy
from card as c
cross join lateral (values
  (coalesce(c.what, '') = '', 'the body does not begin with what it does'),
  (c.called_by is null, 'Called by is missing'),
  (c.body ~ '\m(insert into|update|delete from) rubis\.' and c.writes is null,
    'it writes, and Writes is missing'),
  (exists (
    select from unnest(c.codes) as e (code) where strpos(coalesce(c.raises, ''), e.code) = 0),
    'Raises lacks one of ' || array_to_string(c.codes, ', ')),
  (c.body ~ 'rubis\.require_actor\(p_' and coalesce(c.raises, '') !~ 'RB401',
    'Raises lacks RB401, of rubis.require_actor')
) as f (is_so, fault)
where f.is_so;

comment on view audit.rule_function_card is
  'Every function begins with its card: what, Called by, and, '
  'if it does so, Writes and Raises with each code in its body.';
