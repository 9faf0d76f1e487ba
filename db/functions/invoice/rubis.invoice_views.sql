create or replace function rubis.invoice_views(
  p_today date, out view_name text, out of_status text, out due_from date, out due_until date
)
returns setof record
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- The views of the list of invoices: which status each shows, due from which day until which.
--   Called by  api.list_invoices, rubis.count_invoices
  values ('all', null, '-infinity'::date, 'infinity'::date),
         ('open', 'open', '-infinity', 'infinity'),
         ('overdue', 'open', '-infinity', p_today - 1),
         ('due_soon', 'open', p_today, p_today + 6),
         ('paid', 'paid', '-infinity', 'infinity'),
         ('cancelled', 'cancelled', '-infinity', 'infinity');
$$;
comment on function rubis.invoice_views(date) is
  'What each view of the list of invoices shows; a null status is any.';
