-- The demonstration does not wait for days: in its own database the clock can be set forward, as
-- tests do it. No rule is bent: a relance leaves at the very moment that it was planned for.
create schema rubis_demo;
create table rubis_demo.clock (ahead interval not null);
insert into rubis_demo.clock values ('0');
create or replace function rubis.clock()
returns timestamptz
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select pg_catalog.clock_timestamp() + c.ahead from rubis_demo.clock as c;
$$;
