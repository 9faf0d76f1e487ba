create or replace function rubis.tries_are_over(
  p_organization_id bigint, p_checkin_task_id bigint, p_relance_id bigint,
  p_mail_id bigint default null
)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether enough was tried for a question, for a relance, or for a mail that carries neither:
-- for a day, and ten times, while some mail was accepted. If none was since the first try, every
-- mail meets the same, and it goes on. A failure of ours counts for nothing. Nor do the tries of a
-- relance that the user has sent again since: it has a day of its own.
--   Called by  rubis.fail_questions, rubis.relance_after_failure, rubis.fail_notice
  select count(*) >= 10 and min(a.attempted_at) <= rubis.clock() - interval '24 hours'
         and rubis.mail_accepted_after(min(a.attempted_at)) is not null
    from (
      select x.mail_id, x.attempt from rubis.mail_item as x
       where x.organization_id = p_organization_id and x.checkin_task_id = p_checkin_task_id
         and x.answered_at is null
      union
      select x.mail_id, x.attempt from rubis.mail_item as x
       where x.organization_id = p_organization_id and x.relance_id = p_relance_id
      union
      select n.mail_id, n.attempt from rubis.mail_attempt as n
       where n.organization_id = p_organization_id and n.mail_id = p_mail_id) as tried
    join rubis.mail_attempt as a
      on a.organization_id = p_organization_id and a.mail_id = tried.mail_id
     and a.attempt = tried.attempt
   where a.failure_class in ('temporary', 'unknown')
     and (p_relance_id is null or a.attempted_at > coalesce((
       select max(e.occurred_at) from rubis.relance as r
         join rubis.activity_event as e
           on e.organization_id = r.organization_id and e.invoice_id = r.invoice_id
          and e.kind = 'relance_resent'
        where r.organization_id = p_organization_id and r.relance_id = p_relance_id),
       '-infinity'));
$$;
comment on function rubis.tries_are_over(bigint, bigint, bigint, bigint) is
  'Whether a question, a relance (since it was last sent again) or a mail was tried ten times at '
  'least and for 24 h at least, and another mail was accepted meanwhile.';
