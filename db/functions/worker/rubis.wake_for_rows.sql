create or replace function rubis.wake_for_rows()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Tell the ticks when something in the rows of a statement is due, once per organization.
--   Called by  triggers checkin_task_60_wake_*, relance_60_wake_*, mail_60_wake_*
--   Writes     wake
begin
  case tg_argv[0]
    when 'checkin_task' then
      insert into rubis.wake (organization_id, at)
      select c.organization_id, min(least(
               case when c.status = 'scheduled' then c.scheduled_at end,
               case when c.status = 'sent' then c.expires_at end,
               c.proof_due_at, c.receipt_at))
        from changed as c
       group by c.organization_id
      having min(least(
               case when c.status = 'scheduled' then c.scheduled_at end,
               case when c.status = 'sent' then c.expires_at end,
               c.proof_due_at, c.receipt_at)) is not null;
    when 'relance' then
      insert into rubis.wake (organization_id, at)
      select c.organization_id, min(c.next_look_at) from changed as c
       where c.next_look_at is not null
       group by c.organization_id;
    when 'mail' then
      insert into rubis.wake (organization_id, at)
      select c.organization_id, min(c.next_attempt_at) from changed as c
       where c.next_attempt_at is not null
       group by c.organization_id;
  end case;
  return null;
end;
$$;
comment on function rubis.wake_for_rows() is
  'Trigger: tell the ticks when something in the rows of a statement is due.';
