create or replace function rubis.lock_carried(
  p_organization_id bigint, p_mail_ids bigint[], p_waits boolean default true
)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock what some mails carry: the invoices of letters, the questions, the relances. Without p_waits
-- nothing is waited for: false if something is held by another.
--   Called by  worker.finish_mails, worker.fail_mail, rubis.recover_mails
declare
  v_carried record;
  v_locked int;
begin
  select array_agg(distinct x.invoice_id) filter (where x.relance_id is not null) as invoice_ids,
         array_agg(distinct x.checkin_task_id) filter (where x.checkin_task_id is not null)
           as task_ids,
         array_agg(distinct x.relance_id) filter (where x.relance_id is not null) as relance_ids
    into v_carried
    from rubis.mail_item as x
   where x.organization_id = p_organization_id and x.mail_id = any (p_mail_ids);
  if p_waits then
    perform from rubis.invoice as i
      where i.organization_id = p_organization_id and i.invoice_id = any (v_carried.invoice_ids)
      order by i.invoice_id for no key update;
    perform from rubis.checkin_task as t
      where t.organization_id = p_organization_id
        and t.checkin_task_id = any (v_carried.task_ids)
      order by t.checkin_task_id for no key update;
    perform from rubis.relance as r
      where r.organization_id = p_organization_id and r.relance_id = any (v_carried.relance_ids)
      order by r.relance_id for no key update;
    return true;
  end if;
  select count(*)::int into v_locked from (
    select from rubis.invoice as i
     where i.organization_id = p_organization_id and i.invoice_id = any (v_carried.invoice_ids)
     order by i.invoice_id for no key update skip locked) as l;
  if v_locked < coalesce(cardinality(v_carried.invoice_ids), 0) then
    return false;
  end if;
  select count(*)::int into v_locked from (
    select from rubis.checkin_task as t
     where t.organization_id = p_organization_id and t.checkin_task_id = any (v_carried.task_ids)
     order by t.checkin_task_id for no key update skip locked) as l;
  if v_locked < coalesce(cardinality(v_carried.task_ids), 0) then
    return false;
  end if;
  select count(*)::int into v_locked from (
    select from rubis.relance as r
     where r.organization_id = p_organization_id and r.relance_id = any (v_carried.relance_ids)
     order by r.relance_id for no key update skip locked) as l;
  return v_locked = coalesce(cardinality(v_carried.relance_ids), 0);
end;
$$;
comment on function rubis.lock_carried(bigint, bigint[], boolean) is
  'Lock what mails carry, in lock order; false if one is held and p_waits is false.';
