create or replace function rubis.settled_before(p_invoice rubis.invoice, p_at timestamptz)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether an invoice was settled before a moment: paid or cancelled, and not reopened.
--   Called by  worker.prune_tries, worker.prune_notices, worker.prune_clicks
  select coalesce(p_invoice.paid_at, p_invoice.cancelled_at, 'infinity') < p_at;
$$;
comment on function rubis.settled_before(rubis.invoice, timestamptz) is
  'Whether an invoice was paid or cancelled before a moment.';
