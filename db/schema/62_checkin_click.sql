-- Every click on a known token, with what it led to.

create table rubis.checkin_click (
  organization_id bigint not null,
  checkin_click_id bigint generated always as identity,
  checkin_mail_id bigint not null,
  answer text not null,
  outcome text not null,
  user_agent text,
  clicked_at timestamptz not null default rubis.clock(),
  constraint checkin_click__pkey primary key (organization_id, checkin_click_id),
  constraint checkin_click__mail foreign key (organization_id, checkin_mail_id)
  references rubis.checkin_mail (organization_id, checkin_mail_id),
  constraint checkin_click__answer check (answer in ('paid', 'pending')),
  constraint checkin_click__outcome check (outcome in ('paid', 'pending', 'already_answered', 'expired')),
  constraint checkin_click__user_agent check (length(user_agent) <= 500)
);
create index checkin_click__mail_id on rubis.checkin_click (organization_id, checkin_mail_id, clicked_at);
comment on table rubis.checkin_click is 'Every click on a link that exists, append-only. Clicks on unknown tokens leave no row.';
comment on column rubis.checkin_click.answer is 'Which of the two links was clicked.';
comment on column rubis.checkin_click.outcome is 'What the person was shown.';
