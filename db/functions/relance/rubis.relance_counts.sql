create or replace function rubis.relance_counts(
  p_invoice rubis.invoice, p_client_id bigint, p_left_at timestamptz
)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether the plan goes on from a letter that left at p_left_at, or may have: it was written
-- to the client who owes the invoice now, after the day that is now the due date. One that left
-- before belongs to an earlier term: a new term is a new promise, and the plan begins again.
--   Called by  rubis.last_relance, rubis.restore_unconfirmed, rubis.drop_outdated_relance,
--              rubis.relance_after_failure, rubis.relance_forecast, rubis.relances_document,
--              rubis.invoice_effects
  select rubis.is_same_client(p_invoice.organization_id, p_client_id, p_invoice.client_id)
     and p_invoice.due_on < (
       select (p_left_at at time zone o.time_zone)::date
         from rubis.organization as o where o.organization_id = p_invoice.organization_id);
$$;
comment on function rubis.relance_counts(rubis.invoice, bigint, timestamptz) is
  'Whether a letter to a client, at a moment, counts for the client and the term that an invoice '
  'has now.';
