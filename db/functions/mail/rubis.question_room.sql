create or replace function rubis.question_room(
  p_organization_id bigint, p_user_id bigint, out takes text, out until timestamptz
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell which due questions may be mailed to a user now. A mail counts that was accepted, may have
-- been, or is being sent. An address that is not proven may be a stranger's: three mails of
-- questions, then none until it is proven. A mail that carries only what was asked by hand is
-- outside the day's number.
--   Called by  rubis.gather_questions, rubis.begin_questions
declare
  v_mails int := 0;
  v_user record;
  v_today date;
begin
  select u.email, u.email_proven_at, o.time_zone, o.checkin_time, o.question_mails_per_day
    into v_user
    from rubis.app_user as u
    join rubis.organization as o on o.organization_id = u.organization_id
   where u.organization_id = p_organization_id and u.user_id = p_user_id;
  if v_user.email_proven_at is null then
    -- offset 0: mail by mail, so that three end the search.
    select count(*)::int into v_mails from (
      select from rubis.mail as m
       cross join lateral (
         select from rubis.mail_attempt as a
          where a.organization_id = m.organization_id and a.mail_id = m.mail_id
            and rubis.key(a.to_address) = rubis.key(v_user.email)
            and (a.failure_class is null or a.failure_class = 'unknown')
         offset 0) as tried
       where m.organization_id = p_organization_id and m.user_id = p_user_id
         and m.kind = 'questions'
       limit 3) as l;
  end if;
  if v_mails >= 3 then
    takes := 'none';
    return;
  end if;
  v_today := (rubis.clock() at time zone v_user.time_zone)::date;
  select count(*)::int into v_mails
    from rubis.mail_attempt as a
    join rubis.mail as m on m.organization_id = a.organization_id and m.mail_id = a.mail_id
   where a.organization_id = p_organization_id
     -- Both ends: of a range with one PostgreSQL expects a third of the table.
     and a.attempted_at >= v_today::timestamp at time zone v_user.time_zone
     and a.attempted_at < (v_today + 1)::timestamp at time zone v_user.time_zone
     and m.user_id = p_user_id and m.kind = 'questions'
     and (a.failure_class is null or a.failure_class = 'unknown')
     and exists (
       select from rubis.mail_item as x
         join rubis.checkin_task as t
           on t.organization_id = x.organization_id and t.checkin_task_id = x.checkin_task_id
        where x.organization_id = a.organization_id and x.mail_id = a.mail_id
          and x.attempt = a.attempt and not t.asked_by_hand);
  takes := 'all';
  if v_mails >= v_user.question_mails_per_day then
    takes := 'by_hand';
    until := rubis.checkin_at(
      v_today + 1, v_user.checkin_time, v_user.time_zone);
  end if;
end;
$$;
comment on function rubis.question_room(bigint, bigint) is
  'Which questions may be mailed to a user now: all; by_hand, the others from until on; none '
  'until the address is proven.';
