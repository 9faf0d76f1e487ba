create or replace function rubis.note_tick_outage()
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- At the first tick after ten minutes without one, tell the users whose check-ins or relances were
-- due meanwhile. The unique key of outage lets one worker of several tell them.
--   Called by  worker.due_organizations
--   Writes     outage, mail
declare
  v_now timestamptz := rubis.clock();
  v_late_at timestamptz := v_now - interval '10 minutes';
  v_organization_ids bigint[];
  v_began_at timestamptz := (select max(h.last_tick_at) from rubis.worker_heartbeat as h);
begin
  if v_began_at is null or v_began_at > v_late_at then
    return;
  end if;
  insert into rubis.outage (kind, began_at, ended_at) values ('ticks', v_began_at, v_now)
  on conflict (kind, began_at) do nothing;
  if found then
    v_organization_ids := array(select rubis.overdue_organizations(v_late_at, null));
    perform rubis.tell_late(v_began_at, v_now, array(
      select row(t.organization_id, t.invoice_id)::rubis.late_invoice from rubis.checkin_task as t
       where t.organization_id = any (v_organization_ids)
         and t.status = 'scheduled' and t.scheduled_at <= v_late_at
       union
      select row(r.organization_id, r.invoice_id)::rubis.late_invoice from rubis.relance as r
       where r.organization_id = any (v_organization_ids)
         and r.status = 'scheduled' and r.next_look_at <= v_late_at));
  end if;
end;
$$;
comment on function rubis.note_tick_outage() is
  'Record an outage of the ticks that has just ended, if '
  'it lasted ten minutes, and tell the users concerned.';
