create view audit.rule_bounded_time as
select format('%s.%s', a.attrelid::regclass, a.attname) as object,
       'give it a domain with bounds, such as rubis.moment or rubis.calendar_day; '
       'to a time of day, a CHECK of its own' as remedy
from pg_catalog.pg_attribute as a
join pg_catalog.pg_class as c on c.oid = a.attrelid
where c.relnamespace = 'rubis'::regnamespace and c.relkind in ('r', 'p')
  and c.relname <> 'schema_version'
  and a.attnum > 0 and not a.attisdropped
  and (
    a.atttypid in (
      'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype, 'interval'::regtype)
    or (
      a.atttypid in ('time'::regtype, 'timetz'::regtype)
      and not exists (
        select from pg_catalog.pg_constraint as k
         where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]))
    or exists (
      select from pg_catalog.pg_type as t
       where t.oid = a.atttypid and t.typtype = 'd'
         and t.typbasetype in (
           'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype, 'interval'::regtype)
         and not exists (
           select from pg_catalog.pg_constraint as k
            where k.contypid = t.oid and k.contype = 'c'
              and pg_get_constraintdef(k.oid) ~ '>=.*<=')));

comment on view audit.rule_bounded_time is
  'Every date and moment of a table has bounds, so that one row cannot stop what computes with it.';
