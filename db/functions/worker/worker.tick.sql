create or replace function worker.tick(p_worker text, p_limit int default 500)
returns table (queued int, recovered int, expired int, next_due_in interval)
language plpgsql volatile security definer
set search_path = ''
as $$
-- One turn of the clock: take back what dead workers held, expire unanswered check-ins, queue what is due. Rows that
-- another worker's tick holds are skipped, so several share the work.
--   Called by  worker/tick.py
--   Writes     worker_heartbeat; checkin_task, checkin_mail, activity_event and the queue by the functions it calls
begin
  insert into rubis.worker_heartbeat as h (worker) values (p_worker)
  on conflict (worker) do update set last_tick_at = rubis.clock();
  recovered := rubis.recover_checkins(p_limit);
  expired := rubis.expire_checkins(p_limit);
  queued := rubis.queue_due_checkins(p_limit);
  perform rubis.drop_stalled_jobs();
  next_due_in := least(
    (select min(t.next_attempt_at) from rubis.checkin_task as t where t.status = 'scheduled'),
    (select min(t.lease_expires_at) from rubis.checkin_task as t where t.status in ('queued', 'sending')),
    (select min(t.expires_at) from rubis.checkin_task as t where t.status = 'sent')) - rubis.clock();
  return next;
end;
$$;
comment on function worker.tick(text, int) is
  'Move at most p_limit rows of each kind; how many, and in how long the next one is due (negative: more is; null: none).';
