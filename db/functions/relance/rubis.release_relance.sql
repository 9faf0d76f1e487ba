create or replace function rubis.release_relance(p_organization_id bigint, p_invoice_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Schedule a held relance again, because what it waited for may have changed. A relance that is not
-- held stays as it is.
--   Called by  rubis.checkin_effects, rubis.release_proven, rubis.decide_said_paid
--   Writes     relance
begin
  if exists (
    select from rubis.relance as r
     where r.organization_id = p_organization_id and r.invoice_id = p_invoice_id
       and r.status = 'held'
  ) then
    perform rubis.schedule_relance(p_organization_id, p_invoice_id);
  end if;
end;
$$;
comment on function rubis.release_relance(bigint, bigint) is
  'Schedule the held relance of an invoice again, if it has one.';
