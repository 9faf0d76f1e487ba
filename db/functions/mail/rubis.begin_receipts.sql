create or replace function rubis.begin_receipts(
  p_mail rubis.mail, p_message_id text, p_token_hashes bytea[], p_used int
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Begin a mail of receipts: take those of the user that are due, or will be within ten minutes. An
-- answer that was taken back has no receipt.
--   Called by  rubis.begin_mail
--   Writes     mail, mail_attempt, mail_item
declare
  v_organization_id bigint := p_mail.organization_id;
  v_task_ids bigint[];
  v_head jsonb := rubis.user_envelope(p_mail);
  v_attempt smallint;
begin
  if p_used >= cardinality(p_token_hashes) then
    return jsonb_build_object('skip_reason', 'no token is left', 'is_locked', true);
  end if;
  with due as (
    select t.checkin_task_id, t.answered_at
      from rubis.checkin_task as t
      join rubis.invoice as i
        on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
     where t.organization_id = v_organization_id
       and t.receipt_at <= rubis.clock() + interval '10 minutes' and i.user_id = p_mail.user_id
     order by t.receipt_at
     limit least(50, cardinality(p_token_hashes) - p_used)
       for no key update of t skip locked
  )
  select array_agg(d.checkin_task_id order by d.answered_at, d.checkin_task_id)
    into v_task_ids from due as d;
  if v_task_ids is null then
    return jsonb_build_object(
      'skip_reason', 'no receipt is due', 'is_locked', exists (
        select from rubis.checkin_task as t
          join rubis.invoice as i
            on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
         where t.organization_id = v_organization_id and t.receipt_at <= rubis.clock()
           and i.user_id = p_mail.user_id));
  end if;
  v_attempt := rubis.begin_attempt(p_mail, v_head ->> 'to_address', p_message_id);
  if v_attempt is null then
    return jsonb_build_object('skip_reason', 'mail is no longer queued', 'is_locked', true);
  end if;
  insert into rubis.mail_item (
    organization_id, mail_id, attempt, position, invoice_id, checkin_task_id, token_hash,
    answered_at)
  select v_organization_id, p_mail.mail_id, v_attempt, l.place, t.invoice_id, t.checkin_task_id,
         p_token_hashes[p_used + l.place], t.answered_at
    from unnest(v_task_ids) with ordinality as l (checkin_task_id, place)
    join rubis.checkin_task as t
      on t.organization_id = v_organization_id and t.checkin_task_id = l.checkin_task_id;
  return v_head || jsonb_build_object(
    'attempt', v_attempt, 'message_id', p_message_id,
    'items', rubis.question_items(v_organization_id, p_mail.mail_id, v_attempt, p_used));
end;
$$;
comment on function rubis.begin_receipts(rubis.mail, text, bytea[], int) is
  'Begin a mail of the receipts due for a user: its head and items, or {skip_reason, is_locked}.';
