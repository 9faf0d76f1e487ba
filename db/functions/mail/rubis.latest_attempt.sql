create or replace function rubis.latest_attempt(
  p_organization_id bigint, p_checkin_task_id bigint, p_relance_id bigint,
  out mail_id bigint, out attempt smallint
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the latest attempt that carried a question or a relance: only its worker may move it.
--   Called by  rubis.finish_questions, rubis.finish_letter, rubis.fail_relance,
--              rubis.lock_unconfirmed, rubis.letter_carried, rubis.suits_confirm,
--              api.confirm_relance, rubis.undecided_letters
  select a.mail_id, a.attempt
    from rubis.mail_item as x
    join rubis.mail_attempt as a
      on a.organization_id = x.organization_id and a.mail_id = x.mail_id
     and a.attempt = x.attempt
    join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
   where x.organization_id = p_organization_id
     and m.kind in ('questions', 'letter')
     and (x.checkin_task_id = p_checkin_task_id or x.relance_id = p_relance_id)
   order by a.attempted_at desc, a.mail_id desc, a.attempt desc
   limit 1;
$$;
comment on function rubis.latest_attempt(bigint, bigint, bigint) is
  'mail_id and attempt of the latest attempt that carried a question or a relance; null if none.';
