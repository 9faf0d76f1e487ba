create or replace function rubis.coming_steps(
  p_organization_id bigint, p_user_id bigint, p_limit int
)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- What comes next by itself, in order of time: the questions that a user is asked, and the letters
-- of the organization. What comes after the last that a page has time to look at is left out, for
-- more may come before it; what comes at that moment is_partial.
--   Called by  api.show_today
begin
  return (
    with asked as materialized (
      select l.scheduled_at, l.invoice_id, i.user_id
        from (
          select t.scheduled_at, t.invoice_id from rubis.checkin_task as t
           where t.organization_id = p_organization_id and t.status = 'scheduled'
           order by t.scheduled_at limit 201) as l
        join rubis.invoice as i
          on i.organization_id = p_organization_id and i.invoice_id = l.invoice_id
    ), letter as materialized (
      select l.* from rubis.coming_letters(p_organization_id, 6) as l
    ), horizon as materialized (
      select least(
          (select greatest(max(a.scheduled_at), rubis.clock()) from asked as a
           having count(*) > 200),
          (select min(l.known_until) from letter as l), 'infinity') as at
    ), step as materialized (
      select greatest(a.scheduled_at, rubis.clock()) as at, 'question' as what, null as address,
             array[a.invoice_id] as invoice_ids, null::smallint as step, null as tone
        from asked as a where a.user_id = p_user_id
      union all
      select l.asks_at, 'question', null, l.invoice_ids, null, null
        from letter as l where l.asks_at is not null and l.user_id = p_user_id
      union all
      select l.leaves_at, 'letter', l.address, l.invoice_ids, l.step, l.tone
        from letter as l where l.leaves_at is not null
    ), mail as materialized (
      select s.at, s.what, s.address, max(s.step) as step,
             (array['courteous', 'firm', 'formal_notice'])[max(array_position(
               array['courteous', 'firm', 'formal_notice'], s.tone))] as tone,
             array_agg(n.invoice_id) as invoice_ids, count(*) as invoices, s.at = h.at as is_partial
        from step as s
       cross join horizon as h
       cross join lateral unnest(s.invoice_ids) as n (invoice_id)
       where s.at <= h.at
       group by s.at, s.what, s.address, h.at
       order by s.at, s.what desc, s.address limit p_limit
    )
    select coalesce(jsonb_agg(jsonb_build_object(
        'at', m.at, 'what', m.what, 'step', case when m.invoices = 1 then m.step end,
        'tone', m.tone, 'invoices', m.invoices, 'is_partial', m.is_partial,
        'invoice', a.first, 'amounts', a.amounts) order by m.at, m.what desc, m.address), '[]')
      from mail as m
     cross join lateral rubis.invoices_in_brief(p_organization_id, m.invoice_ids) as a);
end;
$$;
comment on function rubis.coming_steps(bigint, bigint, int) is
  'The next questions to a user and letters to clients, in order of time, as JSON: [{at, what, '
  'step, tone, invoices, is_partial, invoice, amounts}]; p_limit at most.';
