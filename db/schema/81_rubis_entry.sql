-- The reward. Entries, not a counter: nothing to lock, nothing to lose, every rubis tells which
-- payment earned it.

create table rubis.rubis_entry (
  organization_id bigint not null,
  rubis_entry_id bigint generated always as identity,
  invoice_id bigint not null,
  activity_event_id bigint not null,
  delta smallint not null,
  reverses_rubis_entry_id bigint,
  created_at rubis.moment not null default rubis.clock(),
  -- With the deltas: what an organization has earned is read from this index alone.
  constraint rubis_entry__pkey primary key (organization_id, rubis_entry_id) include (delta),
  constraint rubis_entry__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint rubis_entry__event foreign key (organization_id, activity_event_id)
  references rubis.activity_event (organization_id, activity_event_id),
  constraint rubis_entry__reverses foreign key (organization_id, reverses_rubis_entry_id)
  references rubis.rubis_entry (organization_id, rubis_entry_id),
  constraint rubis_entry__delta check (
    delta = case when reverses_rubis_entry_id is null then 1 else -1 end
  ),
  constraint rubis_entry__one_per_event unique (organization_id, activity_event_id),
  constraint rubis_entry__reversed_once unique (organization_id, reverses_rubis_entry_id)
);
create index rubis_entry__invoice_id on rubis.rubis_entry (organization_id, invoice_id);
comment on table rubis.rubis_entry is
  'One rubis earned (+1) by a payment, or taken back (-1) with that payment. Append-only.';
comment on column rubis.rubis_entry.activity_event_id is
  'The invoice_paid event that earned it, or the invoice_reopened event that took it back.';
comment on column rubis.rubis_entry.reverses_rubis_entry_id is
  'The entry taken back; each can be once, so the sum is never below zero.';
