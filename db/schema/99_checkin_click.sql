-- The clicks on known tokens, with what they led to. Looking at a page writes nothing; its buttons
-- do.

create table rubis.checkin_click (
  organization_id bigint not null,
  checkin_click_id bigint generated always as identity,
  checkin_mail_id bigint,
  user_mail_attempt_id bigint,
  via rubis.click_via not null default 'link',
  answer rubis.click_answer,
  outcome rubis.click_outcome not null,
  user_agent rubis.user_agent,
  clicked_at rubis.moment not null default rubis.clock(),
  constraint checkin_click__pkey primary key (organization_id, checkin_click_id),
  constraint checkin_click__mail foreign key (organization_id, checkin_mail_id)
  references rubis.checkin_mail (organization_id, checkin_mail_id),
  constraint checkin_click__attempt foreign key (organization_id, user_mail_attempt_id)
  references rubis.user_mail_attempt (organization_id, user_mail_attempt_id),
  constraint checkin_click__one_mail check (
    (checkin_mail_id is null) <> (user_mail_attempt_id is null)
  ),
  constraint checkin_click__answer_facts check (answer is not null or via = 'page')
);
create index checkin_click__mail_id on rubis.checkin_click (
  organization_id, checkin_mail_id, clicked_at
) where checkin_mail_id is not null;
create index checkin_click__attempt_id on rubis.checkin_click (
  organization_id, user_mail_attempt_id
) where user_mail_attempt_id is not null;
comment on table rubis.checkin_click is
  'The clicks on tokens that exist, append-only; of those that changed nothing the first twenty of '
  'a kind (rubis.record_click). Clicks on unknown tokens leave no row.';
comment on column rubis.checkin_click.checkin_mail_id is
  'The check-in mail whose link or page was used.';
comment on column rubis.checkin_click.user_mail_attempt_id is
  'Or the mail to the user whose page was used: a receipt, or said_paid.';
comment on column rubis.checkin_click.via is
  'link: a link of the mail was followed (GET). page: a button was pressed (POST).';
comment on column rubis.checkin_click.answer is
  'Which answer was asked for; null: to take back the one given.';
comment on column rubis.checkin_click.outcome is
  'paid, pending: it counted. already_answered, expired, unchanged: nothing changed. asked_again: '
  'too late, but it said paid, so the question is asked again. contradicted: it took the first '
  'answer back. confirm: it led to the page. undone: the answer was taken back.';
