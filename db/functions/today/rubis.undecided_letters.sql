create or replace function rubis.undecided_letters(p_organization_id bigint, p_limit int)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- The letters of which a user must decide, the latest first: of unknown fate, which can be
-- confirmed or sent again, and failed, which can be tried again. What was overtaken or settled is
-- left out. A letter of unknown fate is one decision, whatever it carried.
--   Called by  api.show_today
begin
  return (
    with undecided as materialized (
      select r, i, l.mail_id, l.attempt
        from rubis.relance as r
        join rubis.invoice as i
          on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
       cross join lateral rubis.latest_attempt(r.organization_id, null, r.relance_id) as l
       where r.organization_id = p_organization_id and r.status in ('failed', 'unconfirmed')
         and i.status = 'open' and (r.status = 'unconfirmed' or not rubis.is_overtaken(r))
    ), letter as materialized (
      select u.mail_id, u.attempt, (u.r).status, max((u.r).relance_id) as relance_id,
             array_agg(u.i order by (u.i).due_on, (u.i).invoice_id) as invoices
        from undecided as u
       group by u.mail_id, u.attempt, (u.r).status,
             case (u.r).status when 'failed' then (u.r).relance_id end
    )
    select jsonb_build_object(
      'total', (select count(*) from letter),
      'items', coalesce(jsonb_agg(s.item order by s.relance_id desc), '[]'))
      from (
        select l.relance_id, jsonb_build_object(
            'relance_id', l.relance_id, 'status', l.status, 'step', r.step, 'tone', r.tone,
            'attempted_at', a.attempted_at, 'to_address', a.to_address,
            'failure_class', a.failure_class, 'failure_detail', a.failure_detail,
            'decide', case l.status when 'failed' then '["resend"]'::jsonb
              else '["confirm", "resend"]' end,
            'invoices', cardinality(l.invoices),
            'invoice', rubis.invoice_summary(
              l.invoices[1], (rubis.clock() at time zone o.time_zone)::date)) as item
          from letter as l
          join rubis.organization as o on o.organization_id = p_organization_id
          join rubis.relance as r
            on r.organization_id = p_organization_id and r.relance_id = l.relance_id
          left join rubis.mail_attempt as a
            on a.organization_id = p_organization_id and a.mail_id = l.mail_id
           and a.attempt = l.attempt
         order by l.relance_id desc limit p_limit) as s);
end;
$$;
comment on function rubis.undecided_letters(bigint, int) is
  'The failed and unconfirmed letters of which a user must decide, latest first, as JSON: {total, '
  'items}; p_limit are shown.';
