create or replace function rubis.queue_due_user_mails(p_limit int)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Move due mails to users into the queue, never more than p_limit waiting there.
--   Called by  worker.tick
--   Writes     user_mail, the queue
declare
  v_jobs jsonb[];
begin
  with due as (
    select m.organization_id, m.user_mail_id
      from rubis.user_mail as m
     where m.status = 'scheduled' and m.next_attempt_at <= rubis.clock()
     order by m.next_attempt_at
     limit p_limit - (
       select count(*) from (
         select from rubis.user_mail as l
          where l.status in ('queued', 'sending')
            and l.lease_expires_at > rubis.clock()
          limit p_limit) as leased)
       for no key update skip locked
  ), moved as (
    update rubis.user_mail as m
       set status = 'queued', next_attempt_at = null,
           lease_expires_at = rubis.clock() + rubis.queue_lease()
      from due as d
     where m.organization_id = d.organization_id and m.user_mail_id = d.user_mail_id
    returning m.organization_id, m.user_mail_id
  )
  select array_agg(
    jsonb_build_object('organization_id', m.organization_id, 'user_mail_id', m.user_mail_id))
    into v_jobs from moved as m;
  if v_jobs is null then
    return 0;
  end if;
  perform rubis.defer_jobs('user_mails', 'send_user_mail', v_jobs);
  return cardinality(v_jobs);
end;
$$;
comment on function rubis.queue_due_user_mails(int) is
  'Fill the queue up to p_limit with due mails to users; returns how many it moved.';
