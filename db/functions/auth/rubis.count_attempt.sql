create or replace function rubis.count_attempt(
  p_key bytea, p_rate int, p_period interval,
  out is_over boolean, out next_in interval
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Count an attempt of a key, by the generic cell rate algorithm: one moment per key, which each
-- attempt moves on by a step of period / rate. More than a period ahead is over the limit. An
-- attempt over the limit counts too, but never puts the next one off by more than a period.
--   Called by  api.count_attempt
--   Writes     rate_limit
declare
  v_now timestamptz := rubis.clock();
  -- Rounded down, or the last attempt of a full rate would be over it by a microsecond.
  v_step interval := make_interval(
    secs => floor(extract(epoch from p_period) * 1000000 / p_rate)::float8 / 1000000);
  v_free_at timestamptz;
begin
  insert into rubis.rate_limit as l (key, free_at) values (p_key, v_now + v_step)
  on conflict (key) do update
    set free_at = least(greatest(l.free_at, v_now) + v_step, v_now + 2 * p_period)
  returning l.free_at::timestamptz into v_free_at;
  is_over := v_free_at > v_now + p_period;
  next_in := greatest(v_free_at + v_step - p_period - v_now, interval '0');
end;
$$;
comment on function rubis.count_attempt(bytea, int, interval) is
  'Count an attempt of a key: whether it is over p_rate per p_period, and in how long the next one '
  'is not.';
