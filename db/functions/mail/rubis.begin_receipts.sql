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
begin
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
  return rubis.begin_user_mail(p_mail, p_message_id, v_task_ids, p_token_hashes, p_used);
end;
$$;
comment on function rubis.begin_receipts(rubis.mail, text, bytea[], int) is
  'Begin a mail of the receipts due for a user: its head and items, or {skip_reason, is_locked}.';
