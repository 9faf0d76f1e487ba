create or replace function rubis.recover_user_mails(p_limit int)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Take back what a dead worker held. A mail whose fate is unknown is sent again, and the links of
-- both work.
--   Called by  worker.tick
--   Writes     user_mail, user_mail_attempt
declare
  v_mail rubis.user_mail;
  v_recovered int := 0;
begin
  for v_mail in
    select m.* from rubis.user_mail as m
     where m.status in ('queued', 'sending') and m.lease_expires_at <= rubis.clock()
     order by m.lease_expires_at
     limit p_limit
       for no key update skip locked
  loop
    if v_mail.status = 'queued' then
      update rubis.user_mail as m
         set status = 'scheduled', next_attempt_at = rubis.clock(), lease_expires_at = null
       where m.organization_id = v_mail.organization_id and m.user_mail_id = v_mail.user_mail_id;
    else
      perform rubis.fail_user_mail(
        v_mail, rubis.latest_user_mail_attempt(v_mail), 'unknown',
        'the worker did not come back before its lease ran out');
    end if;
    v_recovered := v_recovered + 1;
  end loop;
  return v_recovered;
end;
$$;
comment on function rubis.recover_user_mails(int) is
  'Take back at most p_limit mails to users whose lease has run out; returns how many.';
