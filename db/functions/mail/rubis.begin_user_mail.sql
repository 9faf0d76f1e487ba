create or replace function rubis.begin_user_mail(
  p_mail rubis.mail, p_message_id text, p_task_ids bigint[], p_token_hashes bytea[], p_used int
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Begin the attempt of a mail to a user: one item for each of these questions, in this order, with
-- the hash of its token; a null stands for an item that is about no question, the proof of an
-- address. The caller holds the questions.
--   Called by  rubis.begin_questions, rubis.begin_receipts, rubis.begin_notice
--   Writes     mail, mail_attempt, mail_item
declare
  v_head jsonb := rubis.user_envelope(p_mail);
  v_attempt smallint := rubis.begin_attempt(p_mail, v_head ->> 'to_address', p_message_id);
begin
  if v_attempt is null then
    return jsonb_build_object('skip_reason', 'mail is no longer queued', 'is_locked', true);
  end if;
  insert into rubis.mail_item (
    organization_id, mail_id, attempt, position, invoice_id, checkin_task_id, token_hash,
    answered_at)
  select p_mail.organization_id, p_mail.mail_id, v_attempt, l.place, t.invoice_id,
         t.checkin_task_id, p_token_hashes[p_used + l.place],
         case when p_mail.kind = 'receipts' then t.answered_at end
    from unnest(p_task_ids) with ordinality as l (checkin_task_id, place)
    left join rubis.checkin_task as t
      on t.organization_id = p_mail.organization_id and t.checkin_task_id = l.checkin_task_id;
  return v_head || jsonb_build_object(
    'attempt', v_attempt, 'message_id', p_message_id,
    'items', rubis.user_mail_items(p_mail.organization_id, p_mail.mail_id, v_attempt, p_used));
end;
$$;
comment on function rubis.begin_user_mail(rubis.mail, text, bigint[], bytea[], int) is
  'Begin an attempt of a mail to a user about these questions: its head and items, or '
  '{skip_reason, is_locked}.';
