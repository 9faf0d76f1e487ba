create or replace function rubis.retries_are_over(p_attempts int, p_first_attempt_at timestamptz)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Whether enough was tried: for a day, and ten times. An outage of ours may use up the day, but not
-- the attempts.
--   Called by  rubis.fail_attempt, rubis.relance_after_failure, rubis.fail_user_mail
  select p_attempts >= 10 and rubis.clock() >= p_first_attempt_at + interval '24 hours';
$$;
comment on function rubis.retries_are_over(int, timestamptz) is
  'Whether a mail was tried ten times at least and for 24 h at least.';
