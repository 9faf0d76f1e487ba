create view audit.rule_no_secrets_shown as
select distinct c.oid::regclass as view_name, a.attname as column_name,
       'take the column out of the view' as remedy
from pg_catalog.pg_class as c
join pg_catalog.pg_rewrite as w on w.ev_class = c.oid
join pg_catalog.pg_depend as d
  on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
join pg_catalog.pg_attribute as a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
where c.relnamespace = 'audit'::regnamespace and a.attname in ('token_hash', 'password_hash');

comment on view audit.rule_no_secrets_shown is
  'No view of audit reads the hash of a token or of a password.';
