create or replace function rubis.share_planning(p_organization_id bigint, p_invoice_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Wait for a change of a client that is under way, and keep such a change waiting until the
-- transaction ends. A function that plans calls this, then reads what it plans from. The
-- relance ahead is locked before, because it is planned next. The caller has written or locked the
-- invoice.
--   Called by  rubis.schedule_checkin, rubis.schedule_relance, rubis.checkin_effects,
--              rubis.judge_relance
begin
  perform from rubis.relance as r
    where r.organization_id = p_organization_id and r.invoice_id = p_invoice_id
      and r.status in ('scheduled', 'held', 'sending', 'unconfirmed')
      for no key update;
  perform from rubis.planning
    where planning.organization_id = p_organization_id for share of planning;
end;
$$;
comment on function rubis.share_planning(bigint, bigint) is
  'Keep clients from changing until the transaction ends, to plan an invoice.';
