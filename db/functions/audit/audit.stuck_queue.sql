-- Where Procrastinate's table and ours disagree. The leases mend all of it without help: a tick
-- takes a mail back.

create view audit.stuck_queue as
with job_mail as (
  select j.id as job_id, j.status::text as job_status,
         (m.pair ->> 0)::bigint as organization_id, (m.pair ->> 1)::bigint as mail_id
    from queue.procrastinate_jobs as j
    left join lateral jsonb_array_elements(j.args -> 'mails') as m (pair) on true
   where j.task_name = 'send_' || j.queue_name and j.status <> 'succeeded'
)

select f.job_id, f.job_status, f.organization_id, f.mail_id, f.mail_status, f.why, f.what_to_do
from (
  select j.job_id, j.job_status, j.organization_id, j.mail_id, m.status::text as mail_status,
         case
           when j.job_status in ('failed', 'aborted', 'cancelled')
             then 'the job ended without doing its work'
           when m.status is null then 'the job names no mail'
           when j.job_status = 'todo' and m.status not in ('queued', 'sending')
             then 'the mail has moved on; the job will find nothing to do for it'
         end as why,
         case
           when j.job_status in ('failed', 'aborted', 'cancelled')
             then 'read the worker''s log; the lease brings the mail back; '
               'set search_path = queue, then delete the job'
           else 'nothing: a worker takes the job and passes over it'
         end as what_to_do
    from job_mail as j
    left join rubis.mail as m on m.organization_id = j.organization_id and m.mail_id = j.mail_id
  union all
  select null, null, m.organization_id, m.mail_id, m.status,
         'the mail is ' || m.status || ', and no job works on it',
         format('nothing: at %s its lease runs out, and a tick takes it back',
           date_trunc('second', m.lease_expires_at))
    from rubis.mail as m
   where m.status in ('queued', 'sending')
     and not exists (
       select from job_mail as j
        where j.organization_id = m.organization_id and j.mail_id = m.mail_id
          and j.job_status in ('todo', 'doing'))
) as f
where f.why is not null
order by f.organization_id, f.mail_id, f.job_id;

comment on view audit.stuck_queue is
  'Jobs without a queued or sending mail, such mails without a job, failed jobs. Rows come and go; '
  'none should stay.';
comment on column audit.stuck_queue.job_id is
  'Of queue.procrastinate_jobs; null if it is the job that is missing.';
