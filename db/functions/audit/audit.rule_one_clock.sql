create view audit.rule_one_clock as
select 'function ' || c.signature as object, 'use rubis.clock()' as remedy
from audit.function_cards as c
where (c.schema, c.name) <> ('rubis', 'clock')
  and regexp_replace(c.body, '--[^\n]*', '', 'g')
    ~* ('\m(now|clock_timestamp|statement_timestamp|transaction_timestamp)\('
      || '|\m(current_(timestamp|date|time)|local(timestamp|time))\M')
union all
select format('default of %s.%s', d.adrelid::regclass, a.attname), 'use rubis.clock()'
from pg_catalog.pg_attrdef as d
join pg_catalog.pg_attribute as a on a.attrelid = d.adrelid and a.attnum = d.adnum
join pg_catalog.pg_class as c on c.oid = d.adrelid
where c.relnamespace = 'rubis'::regnamespace and c.relname <> 'schema_version'
  and pg_get_expr(d.adbin, d.adrelid) ~* '\m(now|clock_timestamp)\(|\mcurrent_'
  and pg_get_expr(d.adbin, d.adrelid) !~ 'current_setting';

comment on view audit.rule_one_clock is 'rubis.clock() is the one source of now.';
