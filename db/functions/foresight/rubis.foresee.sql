create or replace function rubis.foresee(
  p_organization_id bigint, p_invoice_id bigint, p_until timestamptz, p_limit int, p_looks int
)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Foretell what is asked and what leaves until a moment, about one invoice or all (null), in order
-- of time: the questions to one user at one moment are one item, and so is what one address gets; a
-- formal notice goes alone. If an invoice is named, what is held comes last, without a moment. The
-- later letters to one address, about other invoices, are not put off by each other.
--   Called by  api.forecast
declare
  v_letters jsonb := rubis.foreseen_letters(p_organization_id, p_invoice_id, p_until, p_looks);
begin
  return (
    with step as materialized (
      select q.at, 'question' as what, null::smallint as step, null::text as tone, q.invoice_id,
             q.reason, q.known_until
        from rubis.foreseen_questions(p_organization_id, p_invoice_id, p_until, p_limit) as q
      union all
      select s.at, s.what, s.step, s.tone, s.invoice_id, s.reason, null
        from jsonb_to_recordset(v_letters -> 'steps') as s (
          at timestamptz, what text, step smallint, tone text, invoice_id bigint, reason text)
    ), horizon as materialized (
      select least(min(s.known_until), (v_letters ->> 'until')::timestamptz, 'infinity') as at
        from step as s
    ), mail as materialized (
      select s.at, s.what, case s.what when 'question' then u.email else k.email end as to_address,
             case when min(s.step) = max(s.step) then min(s.step) end as step,
             (array['courteous', 'firm', 'formal_notice'])[max(array_position(
               array['courteous', 'firm', 'formal_notice'], s.tone))] as tone,
             array_agg(distinct s.invoice_id) as invoice_ids, min(s.reason) as reason
        from step as s
       cross join horizon as h
        join rubis.invoice as i
          on i.organization_id = p_organization_id and i.invoice_id = s.invoice_id
        join rubis.app_user as u
          on u.organization_id = p_organization_id and u.user_id = i.user_id
        join rubis.client as k
          on k.organization_id = p_organization_id
         and k.client_id = rubis.live_client_id(p_organization_id, i.client_id)
       where (s.at is null and p_invoice_id is not null) or (s.at <= p_until and s.at <= h.at)
       group by s.at, s.what, 3, rubis.key(case s.what when 'letter' then k.email end),
                case s.tone when 'formal_notice' then s.invoice_id end
       order by s.at, s.what desc, to_address limit p_limit + 1
    ), shown as materialized (
      select m.* from mail as m order by m.at, m.what desc, m.to_address limit p_limit
    )
    select jsonb_build_object(
        'items', coalesce(jsonb_agg(jsonb_build_object(
          'at', s.at, 'what', s.what, 'step', s.step, 'tone', s.tone,
          'invoice_ids', to_jsonb(s.invoice_ids), 'to', s.to_address, 'reason', s.reason)
          order by s.at, s.what desc, s.to_address), '[]'),
        'complete_until', case
          when (select count(*) from mail) > p_limit then max(s.at)
          else (select nullif(h.at, 'infinity') from horizon as h) end)
      from shown as s);
end;
$$;
comment on function rubis.foresee(bigint, bigint, timestamptz, int, int) is
  'What is asked and what leaves until a moment, as JSON: {items: [{at, what, step, tone, '
  'invoice_ids, to, reason}], complete_until: null if these are all}.';
