-- Where Procrastinate's table and ours disagree. The leases mend all of it without help
-- (rubis.recover_checkins).

create view audit.stuck_queue as
select f.job_id, f.job_status, f.organization_id, f.checkin_task_id, f.checkin_status, f.why,
       f.what_to_do
from (
  select j.id as job_id, j.status::text as job_status, k.organization_id, k.checkin_task_id,
         t.status as checkin_status,
         case
           when j.status in ('failed', 'aborted', 'cancelled')
             then 'the job ended without doing its work'
           when t.status is null then 'the job names no check-in'
           when j.status = 'doing' and t.status not in ('queued', 'sending') then null
           when t.status not in ('queued', 'sending')
             then 'the check-in has moved on; the job will find nothing to do'
         end as why,
         case
           when j.status in ('failed', 'aborted', 'cancelled')
             then 'read the worker''s log; the lease brings the check-in back; '
               'set search_path = queue, then delete the job'
           else 'nothing: a worker takes the job and does nothing'
         end as what_to_do
    from queue.procrastinate_jobs as j
   cross join lateral (
     select (j.args ->> 'organization_id')::bigint as organization_id,
            (j.args ->> 'checkin_task_id')::bigint as checkin_task_id
   ) as k
    left join rubis.checkin_task as t
      on t.organization_id = k.organization_id and t.checkin_task_id = k.checkin_task_id
   where j.task_name = 'send_checkin' and j.status <> 'succeeded'
  union all
  select null, null, t.organization_id, t.checkin_task_id, t.status,
         'the check-in is ' || t.status || ', and no job works on it',
         format('nothing: at %s its lease runs out, and a tick asks again',
           date_trunc('second', t.lease_expires_at))
    from rubis.checkin_task as t
   where t.status in ('queued', 'sending')
     and not exists (
       select from queue.procrastinate_jobs as j
        where j.task_name = 'send_checkin' and j.status in ('todo', 'doing')
          and j.args = jsonb_build_object(
            'organization_id', t.organization_id, 'checkin_task_id', t.checkin_task_id))
) as f
where f.why is not null
order by f.organization_id, f.checkin_task_id, f.job_id;

comment on view audit.stuck_queue is
  'Jobs without a queued or sending check-in, such check-ins '
  'without a job, failed jobs. Rows come and go; none should stay.';
comment on column audit.stuck_queue.job_id is
  'Of queue.procrastinate_jobs; null if it is the job that is missing.';
