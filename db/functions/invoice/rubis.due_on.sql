create or replace function rubis.due_on(
  p_issued_on date, p_days int, p_end_of_month boolean
)
returns date
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Find the due date that terms of payment lead to: so many days after the day of issue, then to the
-- end of that month if the terms say so. "30 jours fin de mois" is counted in this order, the usual
-- of the two that are in use; Code de commerce, article L441-10 I, names such terms ("quarante-cinq
-- jours fin de mois" at most) and leaves the order to the contract.
--   Called by  rubis.due_on_by_terms
  select case when p_end_of_month
    then (
      date_trunc('month', (p_issued_on + p_days)::timestamp) + interval '1 month - 1 day')::date
    else p_issued_on + p_days end;
$$;
comment on function rubis.due_on(date, int, boolean) is
  'The due date of an invoice: p_days after its issue, then the end of that month if '
  'p_end_of_month.';
