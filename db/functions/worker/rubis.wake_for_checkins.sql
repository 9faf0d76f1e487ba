create or replace function rubis.wake_for_checkins()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Tell the ticks when something in the rows of a statement is due, once per organization.
--   Called by  triggers checkin_task_60_wake_*
--   Writes     wake
begin
  insert into rubis.wake (organization_id, at)
  select d.organization_id, min(d.at)
    from (
      select c.organization_id, least(
               case when c.status = 'scheduled' then c.scheduled_at end,
               case when c.status = 'sent' then c.expires_at end,
               c.proof_due_at, c.receipt_at) as at
        from changed as c) as d
   where d.at is not null
   group by d.organization_id;
  return null;
end;
$$;
comment on function rubis.wake_for_checkins() is
  'Trigger: tell the ticks when a question or its answer among the rows of a statement is due.';
