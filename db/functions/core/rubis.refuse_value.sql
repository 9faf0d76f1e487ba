create or replace function rubis.refuse_value(p_domain text, p_value text)
returns boolean
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
-- Say what is wrong with a value that a domain refuses: the value, the rule, and the columns of
-- that domain. PostgreSQL's own message names the domain alone, and tells a check nothing about the
-- column that is written. The checks call this for a refused value only.
--   Called by  the checks of the domains of rubis
--   Raises     23514 check_violation, with the constraint of the domain
declare
  v_domain oid := to_regtype(p_domain)::oid;
  v_name text := split_part(p_domain, '.', 2);
  v_constraint text;
  v_rule text;
  v_columns text;
begin
  select k.conname::text, regexp_replace(
           substring(pg_get_constraintdef(k.oid) from 'WHEN \(\((.*)\) IS FALSE\)'),
           '::\w+(\[\])?', '', 'g')
    into v_constraint, v_rule
    from pg_catalog.pg_constraint as k where k.contypid = v_domain;
  select string_agg(format('%s.%s', c.relname, a.attname), ', ' order by c.relname, a.attnum)
    into v_columns
    from pg_catalog.pg_attribute as a
    join pg_catalog.pg_class as c on c.oid = a.attrelid and c.relkind = 'r'
   where a.atttypid in (
     select t.oid from pg_catalog.pg_type as t where v_domain in (t.oid, t.typbasetype));
  raise exception using errcode = 'check_violation', schema = 'rubis', datatype = v_name,
    constraint = v_constraint,
    message = format(
      '%s is not a valid %s', coalesce(quote_literal(left(p_value, 100)), 'this value'), v_name),
    detail = format(
      'The rule of rubis.%s: %s.', v_name,
      regexp_replace(v_rule, '^VALUE = ANY \(ARRAY\[(.*)\]\)$', 'one of \1')),
    hint = format(
      '%s Columns of this domain: %s.', obj_description(v_domain, 'pg_type'), v_columns);
end;
$$;
comment on function rubis.refuse_value(text, text) is
  'Refuse a value with the rule of a domain in words; never returns. 23514.';
