create or replace function rubis.count_violations()
returns table (rule text, violations bigint, what text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- Count the rows of every audit.rule_* view. One query at a time, without JIT: compiling the rules
-- takes longer than running them.
--   Called by  audit.rules
begin
  for rule, what in
    select c.relname::text, obj_description(c.oid, 'pg_class')
      from pg_catalog.pg_class as c
     where c.relnamespace = 'audit'::regnamespace and c.relkind = 'v' and c.relname ^@ 'rule_'
     order by c.relname
  loop
    execute format('select count(*) from audit.%I', rule) into violations;
    return next;
  end loop;
end;
$$;
comment on function rubis.count_violations() is
  'Each view audit.rule_*, the number of its rows, and its comment.';
