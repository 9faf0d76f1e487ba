create or replace function rubis.is_overtaken(p_relance rubis.relance)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell whether a failed relance can no longer be sent: a later one has left or is about to, or the
-- invoice has another client or term by now.
--   Called by  api.resend_relance, rubis.undecided_letters
  select exists (
      select from rubis.relance as r
       where r.organization_id = p_relance.organization_id and r.invoice_id = p_relance.invoice_id
         and r.relance_id > p_relance.relance_id
         and r.status in ('sending', 'unconfirmed', 'sent'))
    or not exists (
      select from rubis.invoice as i
       where i.organization_id = p_relance.organization_id and i.invoice_id = p_relance.invoice_id
         and rubis.is_same_client(i.organization_id, i.client_id, p_relance.client_id)
         and i.due_on = p_relance.due_on);
$$;
comment on function rubis.is_overtaken(rubis.relance) is
  'Whether a failed relance was followed by another, or is to another client or of an earlier '
  'term.';
