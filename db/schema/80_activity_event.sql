-- What happened, as the user reads it. Append-only.

create table rubis.activity_event (
  organization_id bigint not null,
  activity_event_id bigint generated always as identity,
  kind rubis.event_kind not null,
  label text,
  invoice_id bigint not null,
  checkin_task_id bigint,
  user_id bigint default nullif(current_setting('rubis.user_id', true), '')::bigint,
  data jsonb not null default '{}',
  occurred_at rubis.moment not null default rubis.clock(),
  constraint activity_event__pkey primary key (organization_id, activity_event_id),
  constraint activity_event__invoice foreign key (organization_id, invoice_id)
  references rubis.invoice (organization_id, invoice_id),
  constraint activity_event__task foreign key (organization_id, checkin_task_id)
  references rubis.checkin_task (organization_id, checkin_task_id),
  constraint activity_event__app_user foreign key (organization_id, user_id)
  references rubis.app_user (organization_id, user_id)
);
create index activity_event__occurred_at on rubis.activity_event (
  organization_id, occurred_at, activity_event_id
);
create index activity_event__invoice_id on rubis.activity_event (
  organization_id, invoice_id, occurred_at, activity_event_id
);
create index activity_event__kind on rubis.activity_event (
  organization_id, kind, occurred_at, activity_event_id
);
create index activity_event__task_id on rubis.activity_event (organization_id, checkin_task_id)
where checkin_task_id is not null;
create index activity_event__user_id on rubis.activity_event (organization_id, user_id)
where user_id is not null;
comment on table rubis.activity_event is
  'Append-only business history: what the user reads in the app.';
comment on column rubis.activity_event.label is
  'How, in a few words: via check-in, manual, still pending ...';
comment on column rubis.activity_event.user_id is
  'Who did it in the app; null for a click on a link, the '
  'worker or a DBA. The setting is made by rubis.require_actor.';
comment on column rubis.activity_event.data is
  'What changed, where the kind alone does not tell: {"due_on": ["2026-01-31", "2026-02-28"]}.';
