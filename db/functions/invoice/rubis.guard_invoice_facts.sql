create or replace function rubis.guard_invoice_facts()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Refuse to change what a paid or cancelled invoice says, also of its payment or cancellation. The
-- statement that changes the status sets paid_at, paid_via and cancelled_at with it. What the owner
-- said of other facts of an open invoice counts no longer.
--   Called by  trigger invoice_30_guard_facts, before update of the facts
--   Raises     RB409
begin
  if old.status <> 'open' and (
    (new.client_id, new.number, new.issued_on, new.due_on, new.amount_cents, new.currency)
      is distinct from (
        old.client_id, old.number, old.issued_on, old.due_on, old.amount_cents, old.currency)
    or (new.status = old.status
      and (new.paid_at, new.paid_via, new.cancelled_at)
        is distinct from (old.paid_at, old.paid_via, old.cancelled_at))
  ) then
    raise exception using errcode = 'RB409', constraint = 'invoice__settled', column = 'invoice_id',
      message = format('invoice %s is %s: its facts cannot change', old.number, old.status),
      hint = 'reopen it, then settle it again';
  end if;
  if (new.client_id, new.number, new.due_on, new.amount_cents, new.currency)
    is distinct from (old.client_id, old.number, old.due_on, old.amount_cents, old.currency) then
    new.doubted_at := rubis.clock();
  end if;
  return new;
end;
$$;
comment on function rubis.guard_invoice_facts() is
  'Trigger: the facts of a paid or cancelled invoice cannot change; a change of an open one makes '
  'what the owner said doubtful. RB409.';
