create or replace function rubis.relances_beside(p_relance rubis.relance)
returns table (relance_id bigint, leaves_at timestamptz, is_notice boolean, place bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find the relances ahead to the same address and when each may leave by itself: what a letter can
-- say together with p_relance. Looked at are the 200 that are planned first, so that an address
-- with thousands of open invoices is answered in time. place: oldest due first.
--   Called by  rubis.letter_ahead
declare
  v_client_ids bigint[] := rubis.clients_beside(
    p_relance.organization_id, p_relance.invoice_id);
begin
  return query
  select s.relance_id, f.leaves_at, s.is_notice, row_number() over (order by s.due_on, s.invoice_id)
    from (
      select r as relance, r.relance_id, r.tone = 'formal_notice' as is_notice, i.due_on,
             i.invoice_id
        from rubis.invoice as i
        join rubis.relance as r
          on r.organization_id = i.organization_id and r.invoice_id = i.invoice_id
         and r.status in ('scheduled', 'held')
       where i.organization_id = p_relance.organization_id and i.status = 'open'
         and i.client_id = any (v_client_ids)
       order by r.relance_id <> p_relance.relance_id, r.scheduled_at, r.relance_id
       limit 200) as s
   cross join lateral rubis.relance_outlook(s.relance) as f
   where f.leaves_at is not null;
end;
$$;
comment on function rubis.relances_beside(rubis.relance) is
  'The relances ahead to the address of p_relance, itself among them, 200 at most, with when each '
  'may leave by itself.';
