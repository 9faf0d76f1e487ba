create or replace function rubis.find_link(p_token_hash bytea)
returns rubis.checkin_link
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the check-in that the token of a check-in mail, of a receipt or of a mail that paid was
-- clicked gives access to. A receipt confirms one answer, so answered_at names that answer. The
-- last of them is about the invoice, so it leads to the last question.
--   Called by  api.confirm_checkin, api.undo_checkin, api.look_at_checkin
  select row(
           t.organization_id, t.invoice_id, t.checkin_task_id, m.checkin_mail_id, null,
           m.to_address, coalesce(m.accepted_at, m.attempted_at), null)::rubis.checkin_link
    from rubis.checkin_mail as m
    join rubis.checkin_task as t
      on t.organization_id = m.organization_id and t.checkin_task_id = m.checkin_task_id
   where m.token_hash = p_token_hash
  union all
  select row(
           t.organization_id, t.invoice_id, t.checkin_task_id, null, a.user_mail_attempt_id,
           a.to_address, coalesce(a.accepted_at, a.attempted_at),
           case u.kind when 'answer_receipt' then (u.data ->> 'answered_at')::timestamptz end
         )::rubis.checkin_link
    from rubis.user_mail_attempt as a
    join rubis.user_mail as u
      on u.organization_id = a.organization_id and u.user_mail_id = a.user_mail_id
    join rubis.checkin_task as q
      on q.organization_id = u.organization_id and q.checkin_task_id = u.checkin_task_id
    join rubis.checkin_task as t
      on t.organization_id = q.organization_id and t.invoice_id = q.invoice_id
        and t.checkin_task_id = case u.kind when 'answer_receipt' then q.checkin_task_id else (
          select max(l.checkin_task_id) from rubis.checkin_task as l
           where l.organization_id = q.organization_id and l.invoice_id = q.invoice_id) end
   where a.token_hash = p_token_hash and u.kind in ('answer_receipt', 'said_paid');
$$;
comment on function rubis.find_link(bytea) is
  'The check-in behind the SHA-256 of a token of its mail, of the receipt of its answer or of the '
  'mail that paid was clicked; null if there is none.';
