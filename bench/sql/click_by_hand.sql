-- What a click costs without any of our rules: the same rows, written by somebody who asks nothing.
-- No trigger, CHECK or foreign key is left in this database, only keys and indexes. What is between
-- this and api.answer_checkin is the price of the rules.

do $$
declare
  v record;
begin
  for v in
    select t.tgrelid::regclass as place, t.tgname as name from pg_trigger as t
     where not t.tgisinternal and t.tgrelid in (select oid from pg_class
       where relnamespace = 'rubis'::regnamespace)
  loop
    execute format('drop trigger %%I on %%s', v.name, v.place);
  end loop;
  for v in
    select k.conrelid::regclass as place, k.conname as name from pg_constraint as k
     where k.connamespace = 'rubis'::regnamespace and k.conrelid <> 0 and k.contype in ('c', 'f')
  loop
    execute format('alter table %%s drop constraint %%I', v.place, v.name);
  end loop;
  for v in
    select k.contypid::regtype as place, k.conname as name from pg_constraint as k
     where k.connamespace = 'rubis'::regnamespace and k.contypid <> 0 and k.contype = 'c'
  loop
    execute format('alter domain %%s drop constraint %%I', v.place, v.name);
  end loop;
end;
$$;

create function api.click_by_hand(p_token_hash bytea) returns text
language plpgsql security definer
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_item record;
  v_invoice record;
  v_event_id bigint;
begin
  select x.organization_id, x.mail_id, x.attempt, x.position, x.checkin_task_id into v_item
    from rubis.mail_item as x where x.token_hash = p_token_hash;
  update rubis.checkin_task as t
     set status = 'answered', answer = 'paid', answered_at = v_now, answered_via = 'link',
         receipt_at = v_now + interval '60 s'
   where t.organization_id = v_item.organization_id
     and t.checkin_task_id = v_item.checkin_task_id and t.status = 'sent';
  insert into rubis.wake (organization_id, at)
  values (v_item.organization_id, v_now + interval '60 s');
  update rubis.invoice as i
     set status = 'paid', paid_via = 'check-in', paid_at = v_now
    from rubis.checkin_task as t
   where t.organization_id = v_item.organization_id and t.checkin_task_id = v_item.checkin_task_id
     and i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
  returning i.invoice_id into v_invoice;
  insert into rubis.activity_event (organization_id, kind, label, invoice_id, user_id)
  values (v_item.organization_id, 'invoice_paid', 'via check-in', v_invoice.invoice_id, null)
  returning activity_event_id into v_event_id;
  insert into rubis.rubis_entry (organization_id, invoice_id, delta, activity_event_id)
  values (v_item.organization_id, v_invoice.invoice_id, 1, v_event_id);
  update rubis.relance as r
     set status = 'cancelled', next_look_at = null, cancelled_at = v_now,
         cancel_reason = 'invoice paid'
   where r.organization_id = v_item.organization_id and r.invoice_id = v_invoice.invoice_id
     and r.status = 'scheduled';
  insert into rubis.checkin_click (
    organization_id, mail_id, attempt, position, answer, outcome, user_agent)
  values (
    v_item.organization_id, v_item.mail_id, v_item.attempt, v_item.position, 'paid', 'paid',
    'bench');
  return 'paid';
end;
$$;
grant execute on function api.click_by_hand(bytea) to rubis_api;
