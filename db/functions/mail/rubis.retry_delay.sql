create or replace function rubis.retry_delay(p_attempts int, p_failure_class text)
returns interval
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Exponential back-off: 1, 2, 4 ... minutes, at most an hour. After an operator failure it is at
-- most five minutes, so that mail leaves soon after it is mended. A mail that was withdrawn is
-- judged again at once.
--   Called by  rubis.fail_mail
  select least(
    interval '1 minute' * power(2, least(greatest(p_attempts, 1), 10) - 1),
    case p_failure_class
      when 'withdrawn' then interval '0' when 'operator' then interval '5 minutes'
      else interval '1 hour' end);
$$;
comment on function rubis.retry_delay(int, text) is
  'The wait before the next attempt, after p_attempts '
  'of them, the last one of this class of failure.';
