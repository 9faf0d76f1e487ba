create or replace function rubis.fail_user_mail(
  p_mail rubis.user_mail, p_user_mail_attempt_id bigint, p_failure_class text, p_failure_detail text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Record how a mail to a user failed. If it is the attempt that the mail waits for, try again later
-- or give up, as for a check-in. The caller holds the mail.
--   Called by  worker.fail_user_mail, rubis.recover_user_mails
--   Writes     user_mail, user_mail_attempt
declare
  v_now timestamptz := rubis.clock();
  v_gives_up boolean;
begin
  update rubis.user_mail_attempt as a
     set failed_at = v_now, failure_class = p_failure_class,
         failure_detail = left(p_failure_detail, 500)
   where a.organization_id = p_mail.organization_id
     and a.user_mail_attempt_id = p_user_mail_attempt_id
     and a.accepted_at is null;
  if p_mail.status <> 'sending'
    or p_user_mail_attempt_id <> rubis.latest_user_mail_attempt(p_mail) then
    return;
  end if;
  v_gives_up := p_failure_class = 'refused'
    or (p_failure_class <> 'operator'
        and rubis.retries_are_over(p_mail.attempts, p_mail.first_attempt_at));
  update rubis.user_mail as m
     set status = case when v_gives_up then 'failed' else 'scheduled' end, lease_expires_at = null,
         failed_at = case when v_gives_up then v_now end,
         next_attempt_at = case when not v_gives_up
           then v_now + rubis.retry_delay(p_mail.attempts, p_failure_class) end,
         first_attempt_at = case when p_failure_class <> 'operator' then p_mail.first_attempt_at end
   where m.organization_id = p_mail.organization_id and m.user_mail_id = p_mail.user_mail_id;
end;
$$;
comment on function rubis.fail_user_mail(rubis.user_mail, bigint, text, text) is
  'Record the failure of a mail to a user; retry it later, or fail it. The caller holds the mail.';
