create or replace function rubis.next_due_at()
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- When something is to be done next: the first entry of each due index.
--   Called by  worker.tick
  select least(
    (select min(t.next_attempt_at) from rubis.checkin_task as t where t.status = 'scheduled'),
    (select min(t.lease_expires_at) from rubis.checkin_task as t
      where t.status in ('queued', 'sending')),
    (select min(t.expires_at) from rubis.checkin_task as t where t.status = 'sent'),
    (select min(t.proof_due_at) from rubis.checkin_task as t where t.proof_due_at is not null),
    (select min(r.next_attempt_at) from rubis.relance as r where r.status = 'scheduled'),
    (select min(r.lease_expires_at) from rubis.relance as r
      where r.status in ('queued', 'sending')),
    (select min(m.next_attempt_at) from rubis.user_mail as m where m.status = 'scheduled'),
    (select min(m.lease_expires_at) from rubis.user_mail as m
      where m.status in ('queued', 'sending')));
$$;
comment on function rubis.next_due_at() is
  'When the next row is due, expires or loses its lease; null if none does.';
