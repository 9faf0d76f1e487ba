-- The letters that left, word for word.

create table rubis.letter_text (
  organization_id bigint not null,
  mail_id bigint not null,
  attempt smallint not null,
  subject text not null,
  body text not null,
  kept_until rubis.moment not null,
  constraint letter_text__pkey primary key (organization_id, mail_id, attempt),
  constraint letter_text__attempt foreign key (organization_id, mail_id, attempt)
  references rubis.mail_attempt (organization_id, mail_id, attempt)
);
create index letter_text__kept_until on rubis.letter_text (kept_until);
comment on table rubis.letter_text is
  'The text of a letter that left, or may have left. Of mails that hold a link no text is kept.';
comment on column rubis.letter_text.kept_until is
  'A chore removes it then: organization.letters_kept_days after it left.';
