create or replace function rubis.question_mailed_at(
  p_organization_id bigint, p_checkin_task_id bigint
)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell when a question was last mailed: its links live for 24 h from then.
--   Called by  rubis.answer_stands, rubis.ask_after_late_click, rubis.take_back_answer,
--              api.look_at_checkin
  select max(coalesce(a.accepted_at, a.attempted_at))
    from rubis.mail_item as x
    join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
    join rubis.mail_attempt as a
      on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
   where x.organization_id = p_organization_id and x.checkin_task_id = p_checkin_task_id
     and m.kind = 'questions';
$$;
comment on function rubis.question_mailed_at(bigint, bigint) is
  'When the last mail that asked a question left, or was begun if that is not known; null if none '
  'was begun.';
