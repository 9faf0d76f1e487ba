create or replace function rubis.begin_notice(
  p_mail rubis.mail, p_message_id text, p_token_hashes bytea[], p_used int
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Begin a mail that is about one thing. The word that paid was clicked is not mailed if the user
-- has decided meanwhile; the question is locked, so a decision that is under way comes first.
--   Called by  rubis.begin_mail
--   Writes     mail, mail_attempt, mail_item
declare
  v_organization_id bigint := p_mail.organization_id;
  v_head jsonb := rubis.user_envelope(p_mail);
  v_invoice_id bigint;
  v_decided boolean;
  v_attempt smallint;
  v_items jsonb := '[]'::jsonb;
begin
  if p_mail.kind = 'said_paid' then
    select t.invoice_id, not rubis.said_paid(i) into v_invoice_id, v_decided
      from rubis.checkin_task as t
      join rubis.invoice as i
        on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
     where t.organization_id = v_organization_id and t.checkin_task_id = p_mail.checkin_task_id
       for no key update of i, t skip locked;
    if not found or v_decided then
      return jsonb_build_object(
        'skip_reason', 'the user has decided', 'is_locked', v_invoice_id is null);
    end if;
  end if;
  if p_used >= cardinality(p_token_hashes) then
    return jsonb_build_object('skip_reason', 'no token is left', 'is_locked', true);
  end if;
  v_attempt := rubis.begin_attempt(p_mail, v_head ->> 'to_address', p_message_id);
  if v_attempt is null then
    return jsonb_build_object('skip_reason', 'mail is no longer queued', 'is_locked', true);
  end if;
  if p_mail.kind in ('said_paid', 'verify_email') then
    insert into rubis.mail_item (
      organization_id, mail_id, attempt, position, invoice_id, checkin_task_id, token_hash)
    values (
      v_organization_id, p_mail.mail_id, v_attempt, 1, v_invoice_id, p_mail.checkin_task_id,
      p_token_hashes[p_used + 1]);
    v_items := rubis.question_items(v_organization_id, p_mail.mail_id, v_attempt, p_used);
  end if;
  return v_head || jsonb_build_object(
    'attempt', v_attempt, 'message_id', p_message_id, 'items', v_items);
end;
$$;
comment on function rubis.begin_notice(rubis.mail, text, bytea[], int) is
  'Begin a mail about one thing to a user: its head and items, or {skip_reason, is_locked}.';
