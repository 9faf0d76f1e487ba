create or replace function rubis.coming_letters(p_organization_id bigint, p_looks int)
returns table (
  invoice_ids bigint[], user_id bigint, address text, step smallint, tone text,
  asks_at timestamptz, leaves_at timestamptz, known_until timestamptz
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Foresee the letters that leave next, to each address only the first, for a later one depends on
-- it. Relances that are planned alike leave alike: rubis.relance_outlook is asked once for them,
-- p_looks times in all. Past known_until there may be others. A row without leaves_at is asked
-- about, and leaves with a later letter or is held. A formal notice goes alone and first.
--   Called by  rubis.coming_steps
begin
  return query
  with planned as materialized (
    select l.relance, i.invoice_id, i.user_id, i.due_on, l.next_look_at, l.scheduled_at, l.tone,
           rubis.key(k.email) as address, i.paused_until, i.relances_off
      from (
        select r as relance, r.invoice_id, r.next_look_at, r.scheduled_at, r.tone::text as tone
          from rubis.relance as r
         where r.organization_id = p_organization_id and r.status = 'scheduled'
         order by r.next_look_at limit 101) as l
      join rubis.invoice as i
        on i.organization_id = p_organization_id and i.invoice_id = l.invoice_id
      join rubis.client as k
        on k.organization_id = p_organization_id
       and k.client_id = rubis.live_client_id(p_organization_id, i.client_id)
  ), alike as materialized (
    select (array_agg(p.relance order by p.due_on))[1] as head, p.address, p.user_id, p.tone,
           array_agg(p.invoice_id) as invoice_ids, max((p.relance).step) as step,
           min(p.due_on) as due_on, p.next_look_at,
           row_number() over (order by p.next_look_at, p.address, min(p.invoice_id)) as place
      from planned as p
     group by p.next_look_at, p.scheduled_at, p.address, p.user_id, p.paused_until,
              p.relances_off, p.tone, case p.tone when 'formal_notice' then p.invoice_id end
  ), foreseen as materialized (
    select a.*, f.leaves_at, f.asks_at,
           row_number() over (
             partition by a.address
             order by f.leaves_at, a.tone <> 'formal_notice', a.due_on, a.place) as turn
      from alike as a
     cross join lateral rubis.relance_outlook(a.head) as f
     where a.place <= p_looks
  ), horizon as materialized (
    select greatest(rubis.clock(), least(
        (select min(a.next_look_at) from alike as a where a.place > p_looks),
        (select max(p.next_look_at) from planned as p having count(*) > 100),
        'infinity')) as at
  )
  select f.invoice_ids, f.user_id, f.address, f.step, f.tone, f.asks_at,
         case when f.turn = 1 or (f.leaves_at = l.leaves_at and l.tone <> 'formal_notice') then
           f.leaves_at end,
         h.at
    from foreseen as f
    join foreseen as l on l.address is not distinct from f.address and l.turn = 1
   cross join horizon as h;
end;
$$;
comment on function rubis.coming_letters(bigint, int) is
  'The next letter to each address, one row for relances planned alike, and the questions before '
  'them; complete up to known_until.';
