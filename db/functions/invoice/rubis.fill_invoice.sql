create or replace function rubis.fill_invoice()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Complete what a plain INSERT or UPDATE leaves out, so that a DBA's statement has the effect of
-- the API's.
--   Called by  triggers invoice_10_fill_insert and invoice_10_fill_update, before insert or update
--              of status
--   Raises     RB404, RB422, by rubis.refuse_issuer
declare
  v_became_paid boolean := new.status = 'paid'
    and (tg_op = 'INSERT' or old.status <> 'paid');
  v_became_cancelled boolean := new.status = 'cancelled'
    and (tg_op = 'INSERT' or old.status <> 'cancelled');
begin
  if tg_op = 'INSERT' and new.user_id is null then
    new.user_id := (
      select min(u.user_id) from rubis.app_user as u where u.organization_id = new.organization_id);
    if new.user_id is null then
      perform rubis.refuse_issuer(new.organization_id);
    end if;
  end if;
  if v_became_paid then
    new.paid_at := coalesce(new.paid_at, rubis.clock());
    new.paid_via := coalesce(new.paid_via, 'manual');
  elsif new.status <> 'paid' then
    new.paid_at := null;
    new.paid_via := null;
  end if;
  if new.status <> 'open' then
    new.said_paid_at := null;
  end if;
  if v_became_cancelled then
    new.cancelled_at := coalesce(new.cancelled_at, rubis.clock());
  elsif new.status <> 'cancelled' then
    new.cancelled_at := null;
  end if;
  if tg_op = 'UPDATE' and old.status <> 'open' and new.status = 'open' then
    new.doubted_at := rubis.clock();
    new.removed_at := null;
  end if;
  return new;
end;
$$;
comment on function rubis.fill_invoice() is
  'Trigger: set the issuer if none is given; paid_at, paid_via and cancelled_at to match the '
  'status; doubted_at and removed_at when it is reopened.';
