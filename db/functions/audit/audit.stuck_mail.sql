-- Mail that did not leave and is tried again, and mail that missed its time. Operator failures are
-- ours to mend; /readyz shows them too.

create view audit.stuck_mail as
select s.organization_id, s.kind, s.mail_id, s.status, s.attempts, s.since, s.why,
       s.failure_class, s.failure_detail, s.failed_at, s.next_attempt_at,
       array(
         select x.invoice_id from rubis.mail_item as x
          where x.organization_id = s.organization_id and x.mail_id = s.mail_id
            and x.attempt = s.attempts
          order by x.position) as invoice_ids,
       s.what_to_do
from (
  select m.organization_id, m.kind, m.mail_id, m.status, m.attempts, a.failed_at as since,
         'its last attempt to end has failed' as why,
         a.failure_class, a.failure_detail, a.failed_at, m.next_attempt_at,
         case a.failure_class
           when 'operator'
             then 'mend the mail settings, credentials or quota (rubis doctor); '
               'it is tried again at next_attempt_at'
           when 'unknown'
             then 'nothing: it may have arrived, so it is mailed again, and all links work'
           when 'refused' then 'nothing: the address is another by now, and it is tried there'
           else 'nothing yet: tried again for a day, then what it carries fails; if no mail at all '
             'is accepted, nothing fails: ask the provider' end as what_to_do
    from rubis.mail as m
    join lateral (
      select f.failure_class, f.failure_detail, f.failed_at
        from rubis.mail_attempt as f
       where f.organization_id = m.organization_id and f.mail_id = m.mail_id
         and f.failed_at is not null and f.failure_class <> 'withdrawn'
       order by f.attempt desc limit 1
    ) as a on true
   where m.status in ('scheduled', 'queued', 'sending') and m.attempts > 0
  union all
  select m.organization_id, m.kind, m.mail_id, m.status, m.attempts, m.next_attempt_at,
         'due, and no tick has queued it', null, null, null, m.next_attempt_at,
         'look at audit.stuck_worker and audit.stuck_organizations: a tick queues it'
    from rubis.mail as m
   where m.status = 'scheduled' and m.next_attempt_at < rubis.clock() - interval '2 minutes'
  union all
  select m.organization_id, m.kind, m.mail_id, m.status, m.attempts, m.lease_expires_at,
         case m.status
           when 'queued' then 'queued, no worker began, and no tick took it back'
           else 'a worker began to send, did not come back, and no tick took it back' end,
         null, null, null, null,
         'look at audit.stuck_worker and audit.stuck_organizations: a tick takes it back'
    from rubis.mail as m
   where m.status in ('queued', 'sending')
     and m.lease_expires_at < rubis.clock() - interval '2 minutes'
) as s
order by s.failure_class is not distinct from 'operator' desc, s.since;

comment on view audit.stuck_mail is
  'Mails whose last attempt to end has failed, and those that nothing moved for two minutes; '
  'operator failures first: those wait for us.';
comment on column audit.stuck_mail.since is 'When it failed, or should have moved.';
comment on column audit.stuck_mail.next_attempt_at is
  'When it is tried again; null if that is under way.';
comment on column audit.stuck_mail.invoice_ids is 'What its latest attempt was about.';
