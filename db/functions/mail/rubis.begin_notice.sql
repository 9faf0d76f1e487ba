create or replace function rubis.begin_notice(
  p_mail rubis.mail, p_message_id text, p_token_hashes bytea[], p_used int
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Begin a mail that is about one thing. The word that paid was clicked is not mailed if the user
-- has decided meanwhile; the question is locked, so a decision that is under way comes first. Nor
-- is a link for a forgotten password, if it was changed meanwhile, or for a change that has ended.
--   Called by  rubis.begin_mail
--   Writes     mail, mail_attempt, mail_item
declare
  v_decided boolean;
begin
  if p_mail.kind = 'said_paid' then
    select not rubis.said_paid(i) into v_decided
      from rubis.checkin_task as t
      join rubis.invoice as i
        on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
     where t.organization_id = p_mail.organization_id
       and t.checkin_task_id = p_mail.checkin_task_id
       for no key update of i, t skip locked;
    if coalesce(v_decided, true) then
      return jsonb_build_object(
        'skip_reason', 'the user has decided', 'is_locked', v_decided is null);
    end if;
  end if;
  if p_mail.kind = 'reset_password' and exists (
    select from rubis.app_user as u
     where u.organization_id = p_mail.organization_id and u.user_id = p_mail.user_id
       and u.password_changed_at > p_mail.created_at) then
    return jsonb_build_object('skip_reason', 'the password was changed', 'is_locked', false);
  end if;
  if p_mail.kind in ('change_email', 'email_changing') and exists (
    select from rubis.address_change as c
     where c.organization_id = p_mail.organization_id
       and c.address_change_id = (p_mail.data ->> 'address_change_id')::bigint
       and (c.stopped_at is not null
         or p_mail.kind = 'change_email' and c.changed_at is not null)) then
    return jsonb_build_object('skip_reason', 'the change has ended', 'is_locked', false);
  end if;
  return rubis.begin_user_mail(
    p_mail, p_message_id,
    case when p_mail.kind in (
        'said_paid', 'verify_email', 'reset_password', 'change_email', 'email_changing')
      then array[p_mail.checkin_task_id::bigint] else array[]::bigint[] end,
    p_token_hashes, p_used);
end;
$$;
comment on function rubis.begin_notice(rubis.mail, text, bytea[], int) is
  'Begin a mail about one thing to a user: its head and items, or {skip_reason, is_locked}.';
