create or replace function rubis.release_relance(p_organization_id bigint, p_invoice_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Schedule a held relance again, because what it waited for may have changed. A scheduled one keeps
-- its moment. But if the owner is now to be asked before a tick would look at it, the next tick
-- looks: the word may be older than it was planned, or another address's.
--   Called by  rubis.checkin_effects, rubis.release_proven, rubis.decide_said_paid
--   Writes     relance
declare
  v_relance rubis.relance;
begin
  select r.* into v_relance from rubis.relance as r
   where r.organization_id = p_organization_id and r.invoice_id = p_invoice_id
     and r.status in ('scheduled', 'held');
  if not found then
    return;
  elsif v_relance.status = 'held' then
    perform rubis.schedule_relance(p_organization_id, p_invoice_id);
  elsif (rubis.relance_outlook(v_relance)).asks_at < v_relance.next_look_at then
    update rubis.relance as r
       set next_look_at = rubis.clock()
     where r.organization_id = p_organization_id and r.relance_id = v_relance.relance_id
       and r.status = 'scheduled';
  end if;
end;
$$;
comment on function rubis.release_relance(bigint, bigint) is
  'Schedule the held relance of an invoice again, if it has one; let a tick look at a scheduled '
  'one in time for its question.';
