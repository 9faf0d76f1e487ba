create or replace function rubis.next_due_at(p_organization_id bigint)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- When something is to be done next in an organization, as the end of its tick sees it: what falls
-- due first, by each due index. What is due already was left over by the tick: another holds it, or
-- it waits for a mail that is on its way and wakes the organization when it ends. It is looked at
-- again in a second, and hides nothing that falls due sooner.
--   Called by  worker.tick_organization
  select least(
    (select min(t.scheduled_at) from rubis.checkin_task as t
      where t.organization_id = p_organization_id and t.status = 'scheduled'
        and t.scheduled_at > rubis.clock()),
    (select min(t.expires_at) from rubis.checkin_task as t
      where t.organization_id = p_organization_id and t.status = 'sent'
        and t.expires_at > rubis.clock()),
    (select min(t.proof_due_at) from rubis.checkin_task as t
      where t.organization_id = p_organization_id and t.proof_due_at > rubis.clock()),
    (select min(t.receipt_at) from rubis.checkin_task as t
      where t.organization_id = p_organization_id and t.receipt_at > rubis.clock()),
    (select min(r.next_look_at) from rubis.relance as r
      where r.organization_id = p_organization_id and r.status = 'scheduled'
        and r.next_look_at > rubis.clock()),
    (select min(m.next_attempt_at) from rubis.mail as m
      where m.organization_id = p_organization_id and m.status = 'scheduled'
        and m.next_attempt_at > rubis.clock()),
    case when rubis.has_leftovers(p_organization_id) then rubis.clock() + interval '1 second' end);
$$;
comment on function rubis.next_due_at(bigint) is
  'When the next row of an organization is due; in a second what a tick left over; null if none.';
