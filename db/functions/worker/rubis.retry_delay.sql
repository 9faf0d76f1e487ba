create or replace function rubis.retry_delay(p_attempts int)
returns interval
language sql immutable
set search_path = ''
as $$
-- Exponential back-off: 1, 2, 4 ... minutes, at most an hour.
--   Called by  rubis.fail_attempt, rubis.fail_relance, rubis.fail_user_mail
  select least(interval '1 minute' * power(2, least(greatest(p_attempts, 1), 10) - 1), interval '1 hour');
$$;
comment on function rubis.retry_delay(int) is 'The wait before the next attempt, after p_attempts of them have failed.';
