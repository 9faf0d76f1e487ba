create or replace function rubis.record_click(
  p_organization_id bigint, p_mail_id bigint, p_attempt smallint, p_position smallint, p_via text,
  p_answer text, p_outcome text, p_user_agent text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Keep a click on a known token. One that changed nothing is kept twenty times for each item of a
-- mail, way, answer and outcome: a program may open a link for as long as it likes, and one row of
-- a kind says as much as many. The caller holds the invoice.
--   Called by  api.answer_checkin, api.confirm_checkin, api.undo_checkin
--   Writes     checkin_click
begin
  if p_outcome in ('already_answered', 'expired', 'confirm', 'unchanged') and 20 <= (
    select count(*)
      from rubis.checkin_click as c
     where c.organization_id = p_organization_id
       and c.mail_id = p_mail_id and c.attempt = p_attempt and c.position = p_position
       and c.via = p_via and c.outcome = p_outcome and c.answer is not distinct from p_answer
  ) then
    return;
  end if;
  insert into rubis.checkin_click (
    organization_id, mail_id, attempt, position, via, answer, outcome, user_agent)
  values (
    p_organization_id, p_mail_id, p_attempt, p_position, p_via, p_answer, p_outcome,
    left(p_user_agent, 500));
end;
$$;
comment on function rubis.record_click(
  bigint, bigint, smallint, smallint, text, text, text, text) is
  'Keep a click, but of those that changed nothing only twenty of a kind.';
