-- The clicks on known tokens, with what they led to. Looking at a page writes nothing; its buttons
-- do.

create table rubis.checkin_click (
  organization_id bigint not null,
  checkin_click_id bigint generated always as identity,
  mail_id bigint not null,
  attempt smallint not null,
  position smallint not null,
  via rubis.click_via not null default 'link',
  answer rubis.click_answer,
  outcome rubis.click_outcome not null,
  user_agent rubis.user_agent,
  clicked_at rubis.moment not null default rubis.clock(),
  constraint checkin_click__pkey primary key (organization_id, checkin_click_id),
  constraint checkin_click__item foreign key (organization_id, mail_id, attempt, position)
  references rubis.mail_item (organization_id, mail_id, attempt, position),
  constraint checkin_click__answer_facts check (answer is not null or via = 'page')
);
create index checkin_click__item on rubis.checkin_click (
  organization_id, mail_id, attempt, position, clicked_at
);
-- Those that may be forgotten: a chore reads them, of all organizations.
create index checkin_click__changed_nothing on rubis.checkin_click (clicked_at)
where outcome in ('already_answered', 'expired', 'confirm', 'unchanged');
comment on table rubis.checkin_click is
  'The clicks on tokens that exist, append-only; of those that changed nothing the first twenty of '
  'a kind (rubis.record_click). Clicks on unknown tokens leave no row.';
comment on column rubis.checkin_click.position is
  'With mail_id and attempt: the item whose link or page was used, of a question, a receipt or '
  'the word that paid was clicked.';
comment on column rubis.checkin_click.via is
  'link: a link of the mail was followed (GET). page: a button was pressed (POST).';
comment on column rubis.checkin_click.answer is
  'Which answer was asked for; null: to take back the one given.';
comment on column rubis.checkin_click.outcome is
  'paid, pending: it counted. already_answered, expired, unchanged: nothing changed. asked_again: '
  'too late, but it said paid, so the question is asked again. contradicted: it took the first '
  'answer back. confirm: it led to the page. undone: the answer was taken back.';
