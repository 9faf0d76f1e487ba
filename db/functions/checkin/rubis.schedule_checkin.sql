create or replace function rubis.schedule_checkin(
  p_organization_id bigint, p_invoice_id bigint, p_reason text, p_at timestamptz default null,
  p_follows bigint default null, p_by_hand boolean default false
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Ask about an open invoice, whose row the caller has written or locked. The new check-in replaces
-- the live one, so a repeated call leaves one.
--   Called by  rubis.await_payment, rubis.await_payment_again, rubis.checkin_effects,
--              rubis.ask_after_late_click, api.ask_checkin_again
--   Writes     checkin_task
begin
  perform rubis.cancel_checkins(p_organization_id, p_invoice_id, p_reason);
  perform rubis.share_planning(p_organization_id, p_invoice_id);
  insert into rubis.checkin_task (
    organization_id, invoice_id, scheduled_at, asked_by_hand, follows_checkin_task_id)
  select i.organization_id, i.invoice_id,
         coalesce(p_at, rubis.checkin_at(i.due_on, o.checkin_time, o.time_zone)), p_by_hand,
         p_follows
    from rubis.invoice as i
    join rubis.organization as o on o.organization_id = i.organization_id
   where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id;
end;
$$;
comment on function rubis.schedule_checkin(
  bigint, bigint, text, timestamptz, bigint, boolean) is
  'Cancel the live check-in of an invoice, with the reason, and schedule one at p_at or on its due '
  'date. p_follows: the check-in whose end caused this one. p_by_hand: outside the mails of a '
  'day.';
