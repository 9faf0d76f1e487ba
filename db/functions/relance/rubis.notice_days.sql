create or replace function rubis.notice_days()
returns int
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- A formal notice gives the client so many days. What follows it leaves on the day after them at
-- the earliest. The templates of the letters name the same number.
--   Called by  rubis.next_relance_at, rubis.later_relances, rubis.relance_spacing,
--              rubis.plan_document
  select 8;
$$;
comment on function rubis.notice_days() is
  'How many days a formal notice gives, during which no other letter leaves.';
