create or replace function rubis.letter_of(
  p_relance_ids bigint[], p_leaves_at timestamptz[], p_is_notice boolean[], p_at timestamptz
)
returns bigint[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Of relances to one address, oldest due first, with when each may leave: which of them a letter at
-- p_at carries. A formal notice goes alone and first.
--   Called by  rubis.letter_ahead
  with due as materialized (
    select l.id, l.is_notice, l.place
      from unnest(p_relance_ids, p_leaves_at, p_is_notice)
           with ordinality as l (id, at, is_notice, place)
     where l.at <= p_at
  )
  select coalesce(
    (select array[d.id] from due as d where d.is_notice order by d.place limit 1),
    array(select d.id from due as d order by d.place));
$$;
comment on function rubis.letter_of(bigint[], timestamptz[], boolean[], timestamptz) is
  'The relances that a letter at p_at carries, of those to its address; {} if none.';
