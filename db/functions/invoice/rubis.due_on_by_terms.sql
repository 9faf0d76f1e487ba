create or replace function rubis.due_on_by_terms(
  p_organization_id bigint, p_client_id bigint, p_issued_on date
)
returns date
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the due date of an invoice by the terms of its client, or else by the organization's.
--   Called by  rubis.insert_invoice
  select rubis.due_on(
      p_issued_on, coalesce(c.terms_days, o.terms_days),
      coalesce(c.terms_end_of_month, o.terms_end_of_month))
    from rubis.organization as o
    join rubis.client as c
      on c.organization_id = o.organization_id
     and c.client_id = rubis.live_client_id(p_organization_id, p_client_id)
   where o.organization_id = p_organization_id;
$$;
comment on function rubis.due_on_by_terms(bigint, bigint, date) is
  'The due date of an invoice of a client issued that day, by the client''s or the organization''s '
  'terms.';
