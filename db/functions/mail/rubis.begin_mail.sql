create or replace function rubis.begin_mail(
  p_organization_id bigint, p_mail_id bigint, p_message_id text, p_token_hashes bytea[],
  p_used int
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Begin one attempt of a mail. The function of its kind locks what the mail carries, in the order
-- of audit.lock_order, then the mail; what others hold is skipped, so a batch waits for no click.
-- If nothing may be said any more, the mail is cancelled; if something is only locked, the mail is
-- due again in a second.
--   Called by  worker.begin_mails
--   Writes     mail; what the functions that begin write
declare
  v_mail rubis.mail;
  v_begun jsonb;
begin
  select m.* into v_mail from rubis.mail as m
   where m.organization_id = p_organization_id and m.mail_id = p_mail_id;
  if v_mail.status is distinct from 'queued' then
    return jsonb_build_object(
      'skip_reason', coalesce('mail is ' || v_mail.status, 'mail does not exist'));
  end if;
  v_begun := case
    -- A mail to a user waits for the next batch's tokens; a letter holds no link.
    when v_mail.kind <> 'letter' and p_used >= cardinality(p_token_hashes)
      then jsonb_build_object('skip_reason', 'no token is left', 'is_locked', true)
    when v_mail.kind = 'questions'
      then rubis.begin_questions(v_mail, p_message_id, p_token_hashes, p_used)
    when v_mail.kind = 'receipts'
      then rubis.begin_receipts(v_mail, p_message_id, p_token_hashes, p_used)
    when v_mail.kind = 'letter' then rubis.begin_letter(v_mail, p_message_id)
    else rubis.begin_notice(v_mail, p_message_id, p_token_hashes, p_used) end;
  if v_begun ->> 'skip_reason' is not null then
    update rubis.mail as m
       set status = case when (v_begun ->> 'is_locked')::boolean then 'scheduled'
             else 'cancelled' end,
           next_attempt_at = case when (v_begun ->> 'is_locked')::boolean
             then rubis.clock() + interval '1 second' end,
           ended_at = case when not (v_begun ->> 'is_locked')::boolean then rubis.clock() end,
           end_reason = case when not (v_begun ->> 'is_locked')::boolean
             then v_begun ->> 'skip_reason' end,
           lease_expires_at = null
     where m.organization_id = p_organization_id and m.mail_id in (
       select l.mail_id from rubis.mail as l
        where l.organization_id = p_organization_id and l.mail_id = p_mail_id
          and l.status = 'queued'
          for no key update skip locked);
  end if;
  return v_begun;
end;
$$;
comment on function rubis.begin_mail(bigint, bigint, text, bytea[], int) is
  'Begin one attempt of a mail: what it says, or skip_reason. p_used: hashes taken by others.';
