-- Every function, with the header card from inside its body: what the catalogue knows and what its
-- author says.

create view audit.function_cards as
select n.nspname::text as schema, p.proname::text as name,
       case when length(g.gist) <= 66 then g.gist
         else regexp_replace(left(g.gist, 63), '\W+\w*$', ' ...') end as gist,
       pg_get_function_identity_arguments(p.oid) as arguments,
       pg_get_function_result(p.oid) as returns,
       case p.provolatile
         when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end as volatility,
       p.prosecdef as security_definer, l.lanname::text as language,
       cardinality(string_to_array(btrim(p.prosrc, E'\n'), E'\n')) as lines,
       w.what,
       regexp_replace(substring(c.card from '--   Called by\s+([^\n]+(?:\n--    [^\n]+)*)'),
         '\s*--\s+', ' ', 'g') as called_by,
       regexp_replace(substring(c.card from '--   Writes\s+([^\n]+(?:\n--    [^\n]+)*)'),
         '\s*--\s+', ' ', 'g') as writes,
       regexp_replace(substring(c.card from '--   Raises\s+([^\n]+(?:\n--    [^\n]+)*)'),
         '\s*--\s+', ' ', 'g') as raises,
       obj_description(p.oid, 'pg_proc') as comment,
       p.prosrc as body, p.oid::regprocedure as signature
from pg_catalog.pg_proc as p
join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
join pg_catalog.pg_language as l on l.oid = p.prolang
cross join lateral (select substring(p.prosrc from '^\s*((?:--[^\n]*\n)+)') as card) as c
cross join lateral (
  select btrim(
    regexp_replace(split_part(c.card, '--   ', 1), '\s*--\s*', ' ', 'g'), E' \n') as what
) as w
cross join lateral (
  select substring(w.what from '^.*?(?=\.(?:\s|$)|: |; |, so |$)') as gist
) as g
where n.nspname in ('rubis', 'api', 'worker', 'audit')
order by n.nspname, p.proname;

comment on view audit.function_cards is
  'One row per function of ours: signature, and the card at '
  'the head of its body: what, called by, writes, raises.';
comment on column audit.function_cards.gist is
  'The beginning of what, in 66 characters at most.';
comment on column audit.function_cards.what is 'The first lines of the card: what it does and why.';
comment on column audit.function_cards.called_by is
  'Who calls it: functions, triggers, or files of the API and the worker.';
comment on column audit.function_cards.writes is 'The tables it writes; null if none.';
comment on column audit.function_cards.raises is
  'The errors it raises, as docs/errors.md lists them; null if none.';
comment on column audit.function_cards.lines is 'Of its body.';
