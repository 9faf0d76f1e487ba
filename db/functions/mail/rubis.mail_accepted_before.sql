create or replace function rubis.mail_accepted_before(p_at timestamptz)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- The last mail of any kind that was accepted before a moment.
--   Called by  rubis.note_mail_outage, api.readiness
  select max(a.accepted_at) from rubis.mail_attempt as a where a.accepted_at < p_at;
$$;
comment on function rubis.mail_accepted_before(timestamptz) is
  'When the last mail before p_at was accepted; null if none.';
