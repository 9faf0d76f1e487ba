-- An index on rows where the column is not null serves a foreign key too: nulls refer to nothing.

create view audit.rule_foreign_key_index as
select k.conname as foreign_key, k.conrelid::regclass as table_name,
       'create an index that starts with the columns of the foreign key' as remedy
from pg_catalog.pg_constraint as k
where k.contype = 'f' and k.connamespace = 'rubis'::regnamespace
  and not exists (
    select from pg_catalog.pg_index as i
     where i.indrelid = k.conrelid and i.indisvalid
       and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ '^\(\w+ IS NOT NULL\)$')
       and cardinality(k.conkey) <= i.indnkeyatts
       and k.conkey @> (i.indkey::int2[])[0:cardinality(k.conkey) - 1]
       and k.conkey <@ (i.indkey::int2[])[0:cardinality(k.conkey) - 1]);

comment on view audit.rule_foreign_key_index is
  'The columns of every foreign key lead an index: a '
  'check or a join from the other side reads few rows.';
