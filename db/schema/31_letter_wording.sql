-- How an organization says a letter in its own words.

create table rubis.letter_wording (
  organization_id bigint not null,
  tone rubis.tone not null,
  locale rubis.locale not null,
  opening rubis.wording,
  request rubis.wording,
  updated_at rubis.moment not null default rubis.clock(),
  constraint letter_wording__pkey primary key (organization_id, tone, locale),
  constraint letter_wording__organization foreign key (organization_id)
  references rubis.organization (organization_id),
  constraint letter_wording__some_words check (opening is not null or request is not null)
);
comment on table rubis.letter_wording is
  'What an organization says in its own words in the letters of a tone and language. All else in a '
  'letter is ours: the facts, what the law says, the contacts; and what makes a formal notice one.';
comment on column rubis.letter_wording.opening is
  'What stands before the facts, the salutation included; null: our words.';
comment on column rubis.letter_wording.request is
  'What is asked for after the facts; in a formal notice it stands after our own. Null: our words.';
