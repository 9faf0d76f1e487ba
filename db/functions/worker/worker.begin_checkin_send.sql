create or replace function worker.begin_checkin_send(
  p_organization_id bigint, p_checkin_task_id bigint, p_token_hash bytea
)
returns table (
  skip_reason text, checkin_mail_id bigint, to_address text, full_name text,
  organization_name text, locale text, click_mode text, client_name text, number text,
  amount_cents bigint, currency text, issued_on date, due_on date,
  reminders text
)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Begin one attempt to mail a check-in: check again that the question is still to be asked, record
-- the token's hash, take the lease. skip_reason says why there is nothing to send; then every other
-- column is null.
--   Called by  worker/checkins.py
--   Writes     checkin_mail, checkin_task
--   Raises     RB404
declare
  v_invoice_id bigint;
  v_invoice rubis.invoice;
  v_task rubis.checkin_task;
  v_now timestamptz;
begin
  select t.invoice_id into v_invoice_id from rubis.checkin_task as t
   where t.organization_id = p_organization_id and t.checkin_task_id = p_checkin_task_id;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'checkin_task__missing',
      column = 'checkin_task_id',
      message = format('check-in %s does not exist', p_checkin_task_id);
  end if;
  v_invoice := rubis.lock_invoice(p_organization_id, v_invoice_id);
  v_task := rubis.lock_checkin_task(p_organization_id, p_checkin_task_id);
  skip_reason := case
    when v_invoice.status <> 'open' then 'invoice is ' || v_invoice.status
    when v_task.status <> 'queued' then 'check-in is ' || v_task.status end;
  if skip_reason is not null then
    return next;
    return;
  end if;
  v_now := rubis.clock();
  update rubis.checkin_task as t
     set status = 'sending', attempts = t.attempts + 1,
         first_attempt_at = coalesce(t.first_attempt_at, v_now),
         lease_expires_at = v_now + rubis.send_lease()
   where t.organization_id = p_organization_id and t.checkin_task_id = p_checkin_task_id;
  select u.email::text, u.full_name::text, o.name::text, o.locale::text, o.click_mode::text,
         c.name::text
    into to_address, full_name, organization_name, locale, click_mode, client_name
    from rubis.organization as o
    join rubis.app_user as u
      on u.organization_id = o.organization_id and u.user_id = v_invoice.user_id
    join rubis.client as c
      on c.organization_id = o.organization_id
     and c.client_id = rubis.live_client_id(o.organization_id, v_invoice.client_id)
   where o.organization_id = p_organization_id;
  insert into rubis.checkin_mail as m (
    organization_id, checkin_task_id, token_hash, to_address, attempted_at)
  values (p_organization_id, p_checkin_task_id, p_token_hash, to_address, v_now)
  returning m.checkin_mail_id into checkin_mail_id;
  number := v_invoice.number::text;
  amount_cents := v_invoice.amount_cents::bigint;
  currency := v_invoice.currency::text;
  issued_on := v_invoice.issued_on::date;
  due_on := v_invoice.due_on::date;
  reminders := rubis.reminders_after_pending(p_organization_id, v_invoice_id);
  return next;
end;
$$;
comment on function worker.begin_checkin_send(bigint, bigint, bytea) is
  'Begin one attempt to mail a check-in: all that the mail needs, or skip_reason. RB404.';
