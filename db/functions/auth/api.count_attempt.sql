create or replace function api.count_attempt(
  p_keys bytea[], p_rates int[], p_periods interval[], p_email text default null
)
returns table (over int, next_in interval[])
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Count an attempt under each of these keys: at most so many per period of each, in all processes
-- together. Public: it is asked before it is known who calls. The first key over its limit ends it:
-- an address over its own uses up no attempt of an e-mail. Keys from the second on are those of an
-- e-mail, if there is one. Spellings that lead to one account are one e-mail, or each would have
-- attempts of its own; only hashes of it are kept.
--   Called by  app/core/limits.py
--   Writes     rate_limit, by rubis.count_attempt
--   Raises     RB422
declare
  v_attempt record;
begin
  if p_keys is null or cardinality(p_keys) not between 1 and 5
    or cardinality(p_keys) is distinct from cardinality(p_rates)
    or cardinality(p_keys) is distinct from cardinality(p_periods)
    or exists (
      select from unnest(p_keys, p_rates, p_periods) as l (key, rate, period)
       where l.key is null or coalesce(l.rate, 0) < 1
          or coalesce(l.period, interval '0') not between interval '1 second' and interval '1 day'
    ) then
    raise exception using errcode = 'RB422', constraint = 'rate_limit__rate', column = 'rate',
      message = 'an attempt needs keys, each with a rate above 0 and a period of a second to a day';
  end if;
  for v_place in 1 .. cardinality(p_keys) loop
    v_attempt := rubis.count_attempt(
      case when v_place = 1 or p_email is null then p_keys[v_place]
        else sha256(p_keys[v_place] || convert_to(rubis.key(p_email), 'UTF8')) end,
      p_rates[v_place], p_periods[v_place]);
    next_in := next_in || v_attempt.next_in;
    if v_attempt.is_over then
      over := v_place;
      exit;
    end if;
  end loop;
  return next;
end;
$$;
comment on function api.count_attempt(bytea[], int[], interval[], text) is
  'Count an attempt under each key: the place of the first that is over its limit, or null, and in '
  'how long each may try again, up to that one. RB422.';
