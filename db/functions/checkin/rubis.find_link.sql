create or replace function rubis.find_link(p_token_hash bytea)
returns rubis.checkin_link
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the check-in that the token of a question, of a receipt or of a mail that paid was clicked
-- gives access to. A receipt confirms one answer, so answered_at names that answer. The last of
-- them is about the invoice, so it leads to the last question.
--   Called by  api.confirm_checkin, api.undo_checkin, api.look_at_checkin
  select row(
           x.organization_id, x.invoice_id,
           case m.kind when 'said_paid' then (
             select max(t.checkin_task_id) from rubis.checkin_task as t
              where t.organization_id = x.organization_id and t.invoice_id = x.invoice_id)
             else x.checkin_task_id end,
           x.mail_id, x.attempt, x.position, m.kind, a.to_address,
           coalesce(a.accepted_at, a.attempted_at), x.answered_at)::rubis.checkin_link
    from rubis.mail_item as x
    join rubis.mail as m on m.organization_id = x.organization_id and m.mail_id = x.mail_id
    join rubis.mail_attempt as a
      on a.organization_id = x.organization_id and a.mail_id = x.mail_id and a.attempt = x.attempt
   where x.token_hash = p_token_hash and m.kind in ('questions', 'receipts', 'said_paid');
$$;
comment on function rubis.find_link(bytea) is
  'The check-in behind the SHA-256 of a token of the question, of the receipt of its answer or of '
  'the mail that paid was clicked; null if there is none.';
