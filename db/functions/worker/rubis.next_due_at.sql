create or replace function rubis.next_due_at(p_organization_id bigint)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- When something is to be done next in an organization, as the end of its tick sees it: the first
-- entry of each due index. What is due already was left over by the tick: another holds it, or it
-- waits for a mail that is on its way and wakes the organization when it ends.
--   Called by  worker.tick_organization
  select case when n.at is not null then greatest(n.at, rubis.clock() + interval '1 second') end
    from (
      select least(
        (select min(t.scheduled_at) from rubis.checkin_task as t
          where t.organization_id = p_organization_id and t.status = 'scheduled'
            and t.scheduled_at > rubis.clock()),
        (select min(t.expires_at) from rubis.checkin_task as t
          where t.organization_id = p_organization_id and t.status = 'sent'),
        (select min(t.proof_due_at) from rubis.checkin_task as t
          where t.organization_id = p_organization_id and t.proof_due_at is not null),
        (select min(t.receipt_at) from rubis.checkin_task as t
          where t.organization_id = p_organization_id and t.receipt_at > rubis.clock()),
        (select min(r.next_look_at) from rubis.relance as r
          where r.organization_id = p_organization_id and r.status = 'scheduled'),
        (select min(m.next_attempt_at) from rubis.mail as m
          where m.organization_id = p_organization_id and m.status = 'scheduled'),
        case when rubis.has_leftovers(p_organization_id) then rubis.clock() end) as at) as n;
$$;
comment on function rubis.next_due_at(bigint) is
  'When the next row of an organization is due, at the earliest in a second; null if none is.';
