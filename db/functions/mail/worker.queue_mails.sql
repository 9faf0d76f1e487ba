create or replace function worker.queue_mails(p_mails jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Put mails that ticks found due into the queue, each with a lease: the moment by which a worker
-- must have begun. A job is a batch of mails, of any organizations. A mail that is no longer due is
-- left out. If the transaction fails, the next ticks find the mails again.
--   Called by  worker/tick.py
--   Writes     mail, the queue
declare
  v_queued int := 0;
  v_batch record;
begin
  for v_batch in
    with moved as (
      update rubis.mail as m
         set status = 'queued', next_attempt_at = null,
             lease_expires_at = rubis.clock() + rubis.queue_lease()
        from jsonb_array_elements(p_mails) with ordinality as l (pair, place)
       where m.organization_id = (l.pair ->> 0)::bigint and m.mail_id = (l.pair ->> 1)::bigint
         and m.status = 'scheduled' and m.next_attempt_at <= rubis.clock()
      returning m.organization_id, m.mail_id, l.place, case m.kind
        when 'questions' then 'checkins' when 'letter' then 'relances' else 'user_mails'
        end as queue_name
    ), numbered as (
      select m.*, (row_number() over (partition by m.queue_name order by m.place) - 1)
               / rubis.mails_per_job() as batch
        from moved as m
    )
    select n.queue_name, count(*)::int as mails,
           jsonb_agg(jsonb_build_array(n.organization_id, n.mail_id)
             order by n.organization_id, n.mail_id) as pairs
      from numbered as n
     group by n.queue_name, n.batch
     order by n.batch
  loop
    perform rubis.defer_jobs(
      v_batch.queue_name, 'send_' || v_batch.queue_name,
      array[jsonb_build_object('mails', v_batch.pairs)]);
    v_queued := v_queued + v_batch.mails;
  end loop;
  return jsonb_build_object('queued', v_queued);
end;
$$;
comment on function worker.queue_mails(jsonb) is
  'Queue the mails [[organization_id, mail_id], ...] that are due, in batches; {queued: how many}.';
