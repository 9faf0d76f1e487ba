create or replace function rubis.keep_letter(
  p_organization_id bigint, p_mail_id bigint, p_attempt smallint, p_subject text, p_body text
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Keep the text of a letter that left, or may have left, for as long as the organization wishes.
--   Called by  rubis.finish_mail, worker.fail_mail
--   Writes     letter_text
  insert into rubis.letter_text (
    organization_id, mail_id, attempt, subject, body, kept_until)
  select o.organization_id, p_mail_id, p_attempt, p_subject, p_body,
         rubis.clock() + o.letters_kept_days * interval '1 day'
    from rubis.organization as o
   where o.organization_id = p_organization_id and p_body is not null
  on conflict (organization_id, mail_id, attempt) do nothing;
$$;
comment on function rubis.keep_letter(bigint, bigint, smallint, text, text) is
  'Keep the subject and body of a letter for organization.letters_kept_days.';
