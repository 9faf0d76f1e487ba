create or replace function rubis.recover_mails(p_organization_id bigint, p_limit int)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Take back what dead workers held. Queued: no worker began, so it is due at once. Sending: its
-- fate is unknown. Questions and notices are mailed again with new tokens, and all links work; a
-- letter waits for the user, unless its last word was never given: then it has not left. A mail of
-- which something is held by another waits for the next tick.
--   Called by  rubis.tick_pieces
--   Writes     mail; what rubis.fail_mail writes
declare
  v_mail_id bigint;
  v_mail rubis.mail;
  v_recovered int := 0;
begin
  for v_mail_id in
    select m.mail_id from rubis.mail as m
     where m.organization_id = p_organization_id and m.status in ('queued', 'sending')
       and m.lease_expires_at <= rubis.clock()
     order by m.lease_expires_at
     limit p_limit
  loop
    continue when not rubis.lock_carried(p_organization_id, array[v_mail_id], false);
    select m.* into v_mail from rubis.mail as m
     where m.organization_id = p_organization_id and m.mail_id = v_mail_id
       for no key update skip locked;
    -- It may have ended before it was locked.
    continue when not found or v_mail.lease_expires_at > rubis.clock()
      or v_mail.status not in ('queued', 'sending');
    if v_mail.status = 'queued' then
      update rubis.mail as m
         set status = 'scheduled', next_attempt_at = rubis.clock(), lease_expires_at = null
       where m.organization_id = p_organization_id and m.mail_id = v_mail_id;
    else
      perform rubis.fail_mail(
        v_mail, v_mail.attempts::smallint,
        case when v_mail.kind = 'letter' and not exists (
          select from rubis.mail_attempt as a
           where a.organization_id = p_organization_id and a.mail_id = v_mail_id
             and a.attempt = v_mail.attempts and a.last_word_at is not null)
          then 'temporary' else 'unknown' end,
        'the worker did not come back before its lease ran out');
    end if;
    v_recovered := v_recovered + 1;
  end loop;
  return v_recovered;
end;
$$;
comment on function rubis.recover_mails(bigint, int) is
  'Take back at most p_limit mails of an organization whose lease has run out; returns how many.';
