create or replace function worker.tick(p_worker text, p_limit int default 500)
returns table (queued int, recovered int, expired int, next_due_in interval)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Do what is due: take back what dead workers held, expire unanswered check-ins, fill the queue.
-- Rows that another worker's tick holds are skipped, so several workers share the work.
--   Called by  worker/tick.py
--   Writes     worker_heartbeat; all that waits for a moment, and the queue, by the functions it
--              calls
begin
  perform rubis.note_tick_outage();
  insert into rubis.worker_heartbeat as h (worker) values (p_worker)
  on conflict (worker) do update set last_tick_at = rubis.clock();
  perform rubis.note_mail_outage();
  perform rubis.drop_stalled_jobs();
  recovered := rubis.recover_checkins(p_limit) + rubis.recover_relances(p_limit)
    + rubis.recover_user_mails(p_limit);
  expired := rubis.expire_checkins(p_limit);
  perform rubis.prove_by_answers(p_limit);
  perform rubis.release_proven(p_limit);
  queued := rubis.queue_due_checkins(p_limit) + rubis.queue_due_relances(p_limit)
    + rubis.queue_due_user_mails(p_limit);
  next_due_in := rubis.next_due_at() - rubis.clock();
  return next;
end;
$$;
comment on function worker.tick(text, int) is
  'Move at most p_limit rows of each kind. Returns how many, and in how long the next row is due: '
  'negative if more are due now, null if none is ahead.';
