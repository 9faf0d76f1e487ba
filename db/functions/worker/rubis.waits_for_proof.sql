create or replace function rubis.waits_for_proof(
  p_organization_id bigint, p_user_id bigint, p_limit int
)
returns bigint[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- List the invoices of a user whose question waits until the address is proven and, once it is,
-- those whose relance does. A user with a new address that is not proven can be asked, not more.
--   Called by  rubis.release_proven
  select array(
    (select t.invoice_id from rubis.checkin_task as t
       join rubis.invoice as i
         on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
      where t.organization_id = p_organization_id and t.status = 'held'
        and i.user_id = p_user_id
      limit p_limit)
    union
    (select r.invoice_id from rubis.relance as r
       join rubis.invoice as i
         on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
       join rubis.app_user as u
         on u.organization_id = i.organization_id and u.user_id = i.user_id
        and u.email_proven_at is not null
      where r.organization_id = p_organization_id and r.status = 'held'
        and r.hold_reason = 'address_unproven' and i.user_id = p_user_id
      limit p_limit));
$$;
comment on function rubis.waits_for_proof(bigint, bigint, int) is
  'invoice_ids of a user that wait for a proven address: at most p_limit by question, and p_limit '
  'by relance.';
