create or replace function worker.due_organizations(p_worker text, p_limit int default 100)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Say which organizations have something due, those first whose last tick is the longest ago, and
-- those of whose mails a worker died. It reads one row per organization, never the rows that are
-- due. What concerns all organizations is done here too: heartbeat, outages, jobs of dead workers.
--   Called by  worker/tick.py
--   Writes     worker_heartbeat; what the functions it calls write
declare
  v_organization_ids bigint[];
  v_next_due_at timestamptz;
  v_in_hand int;
begin
  perform rubis.note_tick_outage();
  insert into rubis.worker_heartbeat as h (worker) values (p_worker)
  on conflict (worker) do update set last_tick_at = rubis.clock();
  perform rubis.note_mail_outage();
  perform rubis.drop_stalled_jobs();
  perform rubis.merge_wakes(10000);
  select coalesce(array_agg(d.organization_id order by d.ticked_at nulls first), '{}')
    into v_organization_ids
    from (
      select a.organization_id, a.ticked_at
        from (
          select n.organization_id from rubis.agenda as n where n.next_due_at <= rubis.clock()
          union
          select m.organization_id from rubis.mail as m
           where m.status in ('queued', 'sending') and m.lease_expires_at <= rubis.clock()) as l
        join rubis.agenda as a
          on a.organization_id = l.organization_id
         and (a.failures = 0 or a.next_due_at <= rubis.clock())
       order by a.ticked_at nulls first
       limit p_limit) as d;
  v_next_due_at := least(
    (select min(a.next_due_at) from rubis.agenda as a where a.next_due_at > rubis.clock()),
    (select min(m.lease_expires_at) from rubis.mail as m
      where m.status in ('queued', 'sending') and m.lease_expires_at > rubis.clock()));
  select count(*)::int into v_in_hand from rubis.mail as m
   where m.status in ('queued', 'sending');
  return jsonb_build_object(
    'organizations', v_organization_ids, 'in_hand', v_in_hand,
    'next_due_in', extract(epoch from v_next_due_at - rubis.clock()));
end;
$$;
comment on function worker.due_organizations(text, int) is
  'What to tick: {organizations: at most p_limit ids, in_hand: mails queued or being sent, '
  'next_due_in: seconds until a further one is due, or null}.';
