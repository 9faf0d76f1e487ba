create or replace function rubis.held_letters(p_organization_id bigint, p_limit int)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- The relances that are held until somebody acts, the longest held first, and the act that frees
-- each. Those that wait for an answer alone are among the questions.
--   Called by  api.show_today
begin
  return (
    with held as materialized (
      select r.invoice_id, r.relance_id, r.step, r.tone, r.scheduled_at, r.hold_reason
        from rubis.relance as r
       where r.organization_id = p_organization_id and r.status = 'held'
         and r.hold_reason not in ('owner_being_asked', 'owner_said_paid')
       order by r.scheduled_at, r.relance_id limit p_limit
    )
    select jsonb_build_object(
      'total', (
        select count(*) from rubis.relance as r
         where r.organization_id = p_organization_id and r.status = 'held'
           and r.hold_reason not in ('owner_being_asked', 'owner_said_paid')),
      'items', coalesce(jsonb_agg(jsonb_build_object(
        'invoice', rubis.invoice_summary(i, w.today), 'relance_id', h.relance_id,
        'step', h.step, 'tone', h.tone, 'scheduled_at', h.scheduled_at, 'reason', h.hold_reason,
        'remedy', rubis.relance_remedy(h.hold_reason, i.paused_until, c.paused_until))
        order by h.scheduled_at, h.relance_id), '[]'))
      from held as h
      join rubis.invoice as i
        on i.organization_id = p_organization_id and i.invoice_id = h.invoice_id
     cross join lateral rubis.reminded_client(p_organization_id, i.client_id) as c
     cross join (
       select (rubis.clock() at time zone o.time_zone)::date as today
         from rubis.organization as o where o.organization_id = p_organization_id) as w);
end;
$$;
comment on function rubis.held_letters(bigint, int) is
  'The relances held until somebody acts, longest first, with reason and remedy, as JSON: {total, '
  'items}; p_limit are shown.';
