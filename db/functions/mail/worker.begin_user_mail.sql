create or replace function worker.begin_user_mail(
  p_organization_id bigint, p_user_mail_id bigint, p_token_hash bytea
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Begin one attempt to send a mail to a user: record the token's hash and take the lease. A receipt
-- whose answer was taken back while a worker had it is cancelled instead, as is the word that paid
-- was clicked, if the user has decided meanwhile.
--   Called by  worker/user_mails.py
--   Writes     user_mail, user_mail_attempt
--   Raises     RB404
declare
  v_mail rubis.user_mail;
  v_attempt_id bigint;
begin
  v_mail := rubis.lock_user_mail(p_organization_id, p_user_mail_id);
  if v_mail.status <> 'queued' then
    return jsonb_build_object('skip_reason', 'mail is ' || v_mail.status);
  end if;
  if v_mail.checkin_task_id is not null and not exists (
    select from rubis.checkin_task as t
      join rubis.invoice as i
        on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
     where t.organization_id = p_organization_id and t.checkin_task_id = v_mail.checkin_task_id
       and case v_mail.kind
             when 'said_paid' then rubis.said_paid(i)
             else i.paid_at = t.answered_at
               and t.answered_at = (v_mail.data ->> 'answered_at')::timestamptz end) then
    update rubis.user_mail as m
       set status = 'cancelled', cancelled_at = rubis.clock(), lease_expires_at = null
     where m.organization_id = p_organization_id and m.user_mail_id = p_user_mail_id;
    return jsonb_build_object('skip_reason', case v_mail.kind
      when 'said_paid' then 'the user has decided' else 'the answer no longer stands' end);
  end if;
  update rubis.user_mail as m
     set status = 'sending', attempts = m.attempts + 1,
         first_attempt_at = coalesce(m.first_attempt_at, rubis.clock()),
         lease_expires_at = rubis.clock() + rubis.send_lease()
   where m.organization_id = p_organization_id and m.user_mail_id = p_user_mail_id;
  insert into rubis.user_mail_attempt as a (organization_id, user_mail_id, token_hash, to_address)
  select p_organization_id, p_user_mail_id, p_token_hash, u.email
    from rubis.app_user as u
   where u.organization_id = p_organization_id and u.user_id = v_mail.user_id
  returning a.user_mail_attempt_id into v_attempt_id;
  return (
    select jsonb_build_object(
      'user_mail_attempt_id', v_attempt_id, 'kind', v_mail.kind,
      'data', v_mail.data || coalesce((
        select jsonb_build_object('answered_via', t.answered_via)
          from rubis.checkin_task as t
         where t.organization_id = p_organization_id
           and t.checkin_task_id = v_mail.checkin_task_id), '{}'),
      'to_address', u.email, 'full_name', u.full_name, 'organization_name', o.name,
      'locale', o.locale,
      'time_zone', o.time_zone)
      from rubis.app_user as u
      join rubis.organization as o on o.organization_id = u.organization_id
     where u.organization_id = p_organization_id and u.user_id = v_mail.user_id);
end;
$$;
comment on function worker.begin_user_mail(bigint, bigint, bytea) is
  'Begin one attempt: {user_mail_attempt_id, kind, data, time_zone, and to whom}, or '
  '{skip_reason}. A receipt''s data has answered_via. RB404.';
