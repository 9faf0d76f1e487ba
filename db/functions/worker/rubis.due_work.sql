create or replace function rubis.due_work(
  p_organization_id bigint,
  out is_behind boolean, out asks boolean, out writes boolean, out confirms boolean
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell which pieces of an organization's tick have something to do, by one statement that reads
-- each due index, so that a tick does not try them all. is_behind: a lease, a question, or the time
-- to contradict an answer has run out, an address was proven, settings have changed. asks, writes,
-- confirms: questions, relances, receipts are due, though a mail on its way may take them along.
--   Called by  rubis.tick_pieces, rubis.has_leftovers
  select
    exists (
      select from rubis.mail as m
       where m.organization_id = p_organization_id and m.status in ('queued', 'sending')
         and m.lease_expires_at <= rubis.clock())
    or exists (
      select from rubis.checkin_task as t
       where t.organization_id = p_organization_id and t.status = 'sent'
         and t.expires_at <= rubis.clock())
    or exists (
      select from rubis.checkin_task as t
       where t.organization_id = p_organization_id and t.proof_due_at <= rubis.clock())
    or exists (
      select from rubis.app_user as u
       where u.organization_id = p_organization_id and u.release_due)
    or exists (
      select from rubis.invoice as i
       where i.organization_id = p_organization_id and i.status = 'open'
         and i.schedule_version < (
           select o.schedule_version from rubis.organization as o
            where o.organization_id = p_organization_id)),
    exists (
      select from rubis.checkin_task as t
       where t.organization_id = p_organization_id and t.status = 'scheduled'
         and t.scheduled_at <= rubis.clock()),
    exists (
      select from rubis.relance as r
       where r.organization_id = p_organization_id and r.status = 'scheduled'
         and r.next_look_at <= rubis.clock()),
    exists (
      select from rubis.checkin_task as t
       where t.organization_id = p_organization_id and t.receipt_at <= rubis.clock());
$$;
comment on function rubis.due_work(bigint) is
  'Which pieces of an organization''s tick have something to do: {is_behind, asks, writes, '
  'confirms}.';
