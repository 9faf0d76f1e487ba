create or replace function rubis.gather_questions(p_organization_id bigint, p_limit int)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Make a mail for each user who has questions due and no mail of questions on its way. What may not
-- be mailed today is put off; what waits for a proven address is held.
--   Called by  rubis.tick_pieces
--   Writes     mail, checkin_task
declare
  v_due record;
  v_room record;
begin
  for v_due in
    select i.user_id, bool_or(d.asked_by_hand) as has_by_hand
      from (
        (select t.invoice_id, t.asked_by_hand from rubis.checkin_task as t
          where t.organization_id = p_organization_id and t.status = 'scheduled'
            and t.scheduled_at <= rubis.clock()
          order by t.scheduled_at limit p_limit)
        union
        (select t.invoice_id, true from rubis.checkin_task as t
          where t.organization_id = p_organization_id and t.status = 'scheduled'
            and t.asked_by_hand and t.scheduled_at <= rubis.clock()
          order by t.scheduled_at limit p_limit)) as d
      join rubis.invoice as i
        on i.organization_id = p_organization_id and i.invoice_id = d.invoice_id
     where not exists (
       select from rubis.mail as m
        where m.organization_id = p_organization_id and m.user_id = i.user_id
          and m.kind = 'questions' and m.status in ('scheduled', 'queued', 'sending'))
     group by i.user_id
     order by i.user_id
  loop
    v_room := rubis.question_room(p_organization_id, v_due.user_id);
    if v_room.takes = 'all' or (v_room.takes = 'by_hand' and v_due.has_by_hand) then
      insert into rubis.mail (organization_id, user_id, kind, next_attempt_at)
      values (p_organization_id, v_due.user_id, 'questions', rubis.clock())
      on conflict do nothing;
    end if;
    if v_room.takes <> 'all' then
      perform rubis.put_off_questions(
        p_organization_id, v_due.user_id, v_room.until, 10 * p_limit);
    end if;
  end loop;
end;
$$;
comment on function rubis.gather_questions(bigint, int) is
  'Make the mails of questions that are due in an organization; looks at p_limit due questions.';
