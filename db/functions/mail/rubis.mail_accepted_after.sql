create or replace function rubis.mail_accepted_after(p_at timestamptz)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The first mail of any kind that was accepted after a moment.
--   Called by  rubis.note_mail_outage, rubis.tries_are_over
  select min(a.accepted_at) from rubis.mail_attempt as a where a.accepted_at > p_at;
$$;
comment on function rubis.mail_accepted_after(timestamptz) is
  'When the first mail after p_at was accepted; null if none.';
