create or replace function rubis.invoice_effects()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Write the effects of a change of an invoice in the transaction that makes the change, whether the
-- API, the worker or a DBA makes it. rubis.issue_effects writes those of a new invoice.
--   Called by  trigger invoice_50_effects_update, after update of status, facts or pause
--   Writes     activity_event, rubis_entry, checkin_task, relance
declare
  v_asks_otherwise boolean :=
    (new.client_id, new.number, new.due_on, new.amount_cents, new.currency)
      is distinct from (old.client_id, old.number, old.due_on, old.amount_cents, old.currency);
begin
  if v_asks_otherwise or new.issued_on is distinct from old.issued_on then
    perform rubis.add_invoice_event(
      new, 'invoice_changed',
      case when exists (
        select from rubis.relance as r
         where r.organization_id = new.organization_id and r.invoice_id = new.invoice_id
           and r.status = 'sent' and rubis.relance_counts(old, r.client_id, r.sent_at)
           and not rubis.relance_counts(new, r.client_id, r.sent_at)
      ) then 'relances begin again' end, rubis.changed_facts(old, new));
  end if;
  if old.status = 'open' and new.status <> 'open' then
    if new.status = 'paid' then
      -- The event, and the rubis that it earns, but for a sample.
      with paid as (
        insert into rubis.activity_event (organization_id, kind, label, invoice_id)
        values (
          new.organization_id, 'invoice_paid',
          case new.paid_via when 'manual' then 'manual' else 'via ' || new.paid_via end,
          new.invoice_id)
        returning activity_event_id
      )
      insert into rubis.rubis_entry (organization_id, invoice_id, delta, activity_event_id)
      select new.organization_id, new.invoice_id, 1, e.activity_event_id from paid as e
       where not new.is_sample;
    else
      perform rubis.add_invoice_event(new, 'invoice_cancelled');
    end if;
    -- No check-in and no relance is sent for it any more.
    perform rubis.cancel_checkins(new.organization_id, new.invoice_id, 'invoice ' || new.status);
    perform rubis.cancel_relances(new.organization_id, new.invoice_id, 'invoice ' || new.status);
  elsif old.status <> 'open' and new.status = 'open' then
    perform rubis.take_back_rubis(new, old.status);
    perform rubis.await_payment_again(new);
  elsif new.status = 'open' and v_asks_otherwise then
    -- Whether the invoice is paid does not depend on its day of issue: that change asks nothing.
    perform rubis.await_payment(new, 'invoice changed');
  end if;
  if (new.relances_off, new.paused_until, new.pause_reason)
    is distinct from (old.relances_off, old.paused_until, old.pause_reason) then
    perform rubis.tell_pause(new, old.paused_until, new.paused_until, new.pause_reason);
    if new.status = 'open' then
      perform rubis.schedule_relance(new.organization_id, new.invoice_id);
    end if;
  end if;
  return null;
end;
$$;
comment on function rubis.invoice_effects() is
  'Trigger: the effects of an invoice being paid, cancelled, reopened or changed.';
