create or replace function rubis.mail_deferred_since()
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find since when mails that are on their way have been put off or lost, if none of anybody has
-- been accepted since: then it is not the recipient's doing.
--   Called by  api.readiness
  select a.failed_at
    from rubis.mail_attempt as a
   where a.failure_class in ('temporary', 'unknown')
     and a.failed_at > coalesce(rubis.mail_accepted_before('infinity'), '-infinity')
     and (
       select m.status in ('scheduled', 'queued', 'sending') from rubis.mail as m
        where m.organization_id = a.organization_id and m.mail_id = a.mail_id)
   order by a.failed_at limit 1;
$$;
comment on function rubis.mail_deferred_since() is
  'When the first try of a mail on its way failed after the last mail that was accepted; null if '
  'none did.';
