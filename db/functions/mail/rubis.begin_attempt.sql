create or replace function rubis.begin_attempt(
  p_mail rubis.mail, p_to_address text, p_message_id text
)
returns smallint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Take the lease of a mail and record an attempt of it. Null if the mail was begun, or settled, by
-- another meanwhile. The caller holds what the mail carries.
--   Called by  rubis.begin_user_mail, rubis.begin_letter
--   Writes     mail, mail_attempt
declare
  v_attempt smallint;
begin
  update rubis.mail as m
     set status = 'sending', attempts = m.attempts + 1,
         lease_expires_at = rubis.clock() + rubis.send_lease()
   where m.organization_id = p_mail.organization_id and m.mail_id = p_mail.mail_id
     and m.status = 'queued'
  returning m.attempts::smallint into v_attempt;
  if found then
    insert into rubis.mail_attempt (
      organization_id, mail_id, attempt, to_address, message_id, spacing_days)
    select o.organization_id, p_mail.mail_id, v_attempt, p_to_address, p_message_id,
           case p_mail.kind when 'letter' then o.client_spacing_days end
      from rubis.organization as o
     where o.organization_id = p_mail.organization_id;
  end if;
  return v_attempt;
end;
$$;
comment on function rubis.begin_attempt(rubis.mail, text, text) is
  'Mark a queued mail as sending and record the attempt; its number, null if it is not queued.';
