create or replace function rubis.fail_notice(
  p_mail rubis.mail, p_attempt smallint, p_failure_class text
)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Whether a notice or a mail of receipts is tried again, as a question would be.
--   Called by  rubis.fail_mail
--   Writes     checkin_task, by rubis.forget_receipts
begin
  if p_failure_class <> 'refused' and (
    p_failure_class = 'operator'
    or not rubis.tries_are_over(p_mail.organization_id, null, null, p_mail.mail_id)) then
    return 'scheduled';
  end if;
  if p_mail.kind = 'receipts' then
    perform rubis.forget_receipts(p_mail.organization_id, p_mail.mail_id, p_attempt);
  end if;
  return 'failed';
end;
$$;
comment on function rubis.fail_notice(rubis.mail, smallint, text) is
  'The status of a notice after a failed attempt: scheduled or failed.';
