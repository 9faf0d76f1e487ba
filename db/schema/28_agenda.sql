-- When an organization has something to do next.

create table rubis.agenda (
  organization_id bigint not null,
  next_due_at rubis.moment,
  ticked_at rubis.moment,
  failures rubis.attempts not null default 0,
  failed_at rubis.moment,
  failure_detail text,
  constraint agenda__pkey primary key (organization_id),
  constraint agenda__organization foreign key (organization_id)
  references rubis.organization (organization_id),
  constraint agenda__failure_facts check (
    (failures > 0) = (failed_at is not null) and (failed_at is null) = (failure_detail is null)
  )
);
create index agenda__next_due_at on rubis.agenda (next_due_at);
create index agenda__failing on rubis.agenda (organization_id) where failures > 0;
comment on table rubis.agenda is
  'One row per organization: when its next tick is due. A tick holds the row, so that one worker '
  'at a time works for an organization; nothing else holds it, so a click never waits for a tick.';
comment on column rubis.agenda.next_due_at is
  'When something of the organization is due; null if nothing is.';
comment on column rubis.agenda.ticked_at is 'When its last tick succeeded.';
comment on column rubis.agenda.failures is 'How many of its ticks failed in a row.';
