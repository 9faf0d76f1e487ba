-- The legal moves of every status column. rubis.guard_status enforces them, whoever writes.

create table rubis.state_transition (
  entity text not null,
  from_status text not null,
  to_status text not null,
  note text not null,
  constraint state_transition__pkey primary key (entity, from_status, to_status),
  constraint state_transition__moves check (from_status <> to_status)
);
comment on table rubis.state_transition is
  'The state map: one row per legal move of a status. Anything else is refused with RB409.';
comment on column rubis.state_transition.entity is 'The table whose status moves.';
comment on column rubis.state_transition.from_status is 'The status before, or (new) for an insert.';

insert into rubis.state_transition (entity, from_status, to_status, note) values
  ('invoice', '(new)', 'open', 'issued and awaited'),
  ('invoice', 'open', 'paid', 'settled: by a click, by hand, or by a DBA'),
  ('invoice', 'open', 'cancelled', 'withdrawn; its number is free again'),
  ('invoice', 'paid', 'open', 'reopened: the payment was a mistake'),
  ('invoice', 'cancelled', 'open', 'reopened: the withdrawal was a mistake'),
  ('checkin_task', '(new)', 'scheduled', 'waits for next_attempt_at'),
  ('checkin_task', 'scheduled', 'queued', 'due: a job is in the queue'),
  ('checkin_task', 'scheduled', 'answered', 'answered in the app before it was asked, or by a link of unknown fate'),
  ('checkin_task', 'scheduled', 'cancelled', 'invoice settled, withdrawn or changed'),
  ('checkin_task', 'scheduled', 'sent', 'a slow worker came back: its mail was accepted after all'),
  ('checkin_task', 'queued', 'sent', 'the same, while it waited in the queue'),
  ('checkin_task', 'queued', 'scheduled', 'the lease ran out: nobody took the job'),
  ('checkin_task', 'queued', 'sending', 'a worker has begun'),
  ('checkin_task', 'queued', 'answered', 'answered while it waited'),
  ('checkin_task', 'queued', 'cancelled', 'invoice settled, withdrawn or changed'),
  ('checkin_task', 'sending', 'sent', 'the mail was accepted'),
  ('checkin_task', 'sending', 'scheduled', 'to be tried again'),
  ('checkin_task', 'sending', 'failed', 'refused, or a day of failures'),
  ('checkin_task', 'sending', 'answered', 'answered before the acceptance was recorded'),
  ('checkin_task', 'sending', 'cancelled', 'invoice settled, withdrawn or changed'),
  ('checkin_task', 'sent', 'answered', 'the user answered'),
  ('checkin_task', 'sent', 'expired', '24 h without an answer'),
  ('checkin_task', 'sent', 'cancelled', 'invoice settled, withdrawn or changed'),
  ('checkin_task', 'failed', 'answered', 'answered in the app, or by a link that arrived after all'),
  ('checkin_task', 'answered', 'sent', 'the answer was taken back'),
  ('relance', '(new)', 'scheduled', 'waits for next_attempt_at'),
  ('relance', 'scheduled', 'held', 'may not leave yet'),
  ('relance', 'scheduled', 'queued', 'due: a job is in the queue'),
  ('relance', 'scheduled', 'cancelled', 'invoice settled or withdrawn'),
  ('relance', 'held', 'scheduled', 'the hold was lifted'),
  ('relance', 'held', 'cancelled', 'invoice settled or withdrawn'),
  ('relance', 'queued', 'scheduled', 'the lease ran out: nobody took the job'),
  ('relance', 'queued', 'sending', 'a worker has begun'),
  ('relance', 'queued', 'cancelled', 'invoice settled or withdrawn'),
  ('relance', 'sending', 'sent', 'the mail was accepted'),
  ('relance', 'sending', 'scheduled', 'to be tried again'),
  ('relance', 'sending', 'failed', 'a day of failures'),
  ('relance', 'sending', 'unconfirmed', 'handed over, fate unknown: the user decides'),
  ('relance', 'sending', 'cancelled', 'the client''s address was refused'),
  ('relance', 'unconfirmed', 'sent', 'the user confirmed it'),
  ('relance', 'unconfirmed', 'scheduled', 'the user asked to send it again'),
  ('relance', 'unconfirmed', 'cancelled', 'invoice settled or withdrawn'),
  ('import_draft', '(new)', 'pending', 'waits for the user'),
  ('import_draft', 'pending', 'validated', 'became an invoice'),
  ('import_draft', 'pending', 'discarded', 'thrown away by the user');
