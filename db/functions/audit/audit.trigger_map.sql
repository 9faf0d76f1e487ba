create view audit.trigger_map as
select c.relname::text as table_name,
       row_number() over (
         partition by c.oid
         order by case when t.tgtype & 2 = 2 then 0 else 2 end
                  + case when t.tgtype & 3 in (1, 2) then 0 else 1 end, t.tgname
       ) as place,
       t.tgname::text as trigger_name,
       case when t.tgtype & 2 = 2 then 'before' else 'after' end as timing,
       case when t.tgtype & 1 = 1 then 'row' else 'statement' end as level,
       concat_ws(' or ',
         case when t.tgtype & 4 = 4 then 'insert' end,
         case when t.tgtype & 16 = 16 then 'update' end,
         case when t.tgtype & 8 = 8 then 'delete' end,
         case when t.tgtype & 32 = 32 then 'truncate' end) as events,
       (
         select string_agg(a.attname, ', ' order by k.place)
           from unnest(t.tgattr::int2[]) with ordinality as k (attnum, place)
           join pg_catalog.pg_attribute as a on a.attrelid = t.tgrelid and a.attnum = k.attnum
       ) as columns,
       substring(pg_get_triggerdef(t.oid) from 'WHEN \((.*)\) EXECUTE') as condition,
       t.tgfoid::regproc::text as function,
       t.tgenabled <> 'D' as is_enabled
from pg_catalog.pg_trigger as t
join pg_catalog.pg_class as c on c.oid = t.tgrelid
where c.relnamespace = 'rubis'::regnamespace and not t.tgisinternal
order by c.relname, place;

comment on view audit.trigger_map is
  'What a plain INSERT or UPDATE sets in motion: the triggers of each table in firing order.';
comment on column audit.trigger_map.place is
  'Firing order if one statement fires all: before statement, '
  'before row, after row, after statement; then by name.';
comment on column audit.trigger_map.columns is
  'An update fires it only if it sets one of these; null means any.';
comment on column audit.trigger_map.condition is 'Fires only if this holds; null means always.';
