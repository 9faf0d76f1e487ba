create or replace function rubis.wake_for_mails()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Tell the ticks when something in the rows of a statement is due, once per organization.
--   Called by  triggers mail_60_wake_*
--   Writes     wake
begin
  insert into rubis.wake (organization_id, at)
  select c.organization_id, min(coalesce(c.next_attempt_at, rubis.clock()))
    from changed as c
   where c.next_attempt_at is not null
      -- What fell due while a mail to the user was on its way waited for its end.
      or c.ended_at is not null and c.kind in ('questions', 'receipts') and exists (
        select from rubis.left_without_mail(
          array[c.organization_id], c.kind, rubis.clock(), 1000))
   group by c.organization_id;
  return null;
end;
$$;
comment on function rubis.wake_for_mails() is
  'Trigger: tell the ticks when a mail among the rows of a statement is due.';
