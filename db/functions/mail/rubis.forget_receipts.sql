create or replace function rubis.forget_receipts(
  p_organization_id bigint, p_mail_id bigint, p_attempt smallint
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
-- The receipts of an attempt are due no more: they were mailed, or cannot be. A receipt of a later
-- answer stays due.
--   Called by  rubis.finish_mail, rubis.fail_notice
--   Writes     checkin_task
  update rubis.checkin_task as t
     set receipt_at = null
    from rubis.mail_item as x
   where x.organization_id = p_organization_id and x.mail_id = p_mail_id
     and x.attempt = p_attempt
     and t.organization_id = x.organization_id and t.checkin_task_id = x.checkin_task_id
     and t.receipt_at is not null and t.answered_at = x.answered_at;
$$;
comment on function rubis.forget_receipts(bigint, bigint, smallint) is
  'Mark the receipts of an attempt as no longer due.';
