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
      select c.organization_id, min(coalesce(c.next_attempt_at, rubis.clock()))
        from changed as c
       -- What fell due while a mail was on its way waited for its end.
       where c.next_attempt_at is not null
          or c.ended_at is not null and rubis.has_leftovers(c.organization_id)
       group by c.organization_id;
  end case;
  return null;
end;
$$;
comment on function rubis.wake_for_rows() is
  'Trigger: tell the ticks when something in the rows of a statement is due.';
