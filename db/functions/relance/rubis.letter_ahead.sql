create or replace function rubis.letter_ahead(
  p_relance rubis.relance, out leaves_at timestamptz, out reason text, out asks_at timestamptz,
  out relance_ids bigint[]
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Tell in which letter the relance ahead leaves if nothing changes: when, and which relances it
-- carries. Letters to the address are followed one after the other, as they will leave: what may
-- leave by then goes in one; a formal notice goes alone and first, the oldest due of several; the
-- next one leaves client_spacing_days later. A relance that must wait for a letter before its own
-- is judged again for the next one's moment. It may be asked about before that letter leaves, and
-- again because the question is too old by then: asks_at is the first of the two. One that is held,
-- in flight or unconfirmed waits for no other. Later steps of other invoices have no rows yet, and
-- are not followed.
--   Called by  rubis.relances_document, rubis.foreseen_letters, api.preview_relance,
--              api.look_at_checkin
declare
  v_organization rubis.organization;
  v_own record := rubis.relance_outlook(p_relance);
  v_ids bigint[];
  v_ats timestamptz[];
  v_notices boolean[];
  v_soon timestamptz;
  v_at timestamptz;
  v_left_at timestamptz;
  v_asked_at timestamptz := v_own.asks_at;
begin
  leaves_at := v_own.leaves_at;
  reason := v_own.reason;
  asks_at := v_own.asks_at;
  relance_ids := case when p_relance.status in ('sending', 'unconfirmed')
    then rubis.letter_carried(p_relance) else array[p_relance.relance_id] end;
  if leaves_at is null or p_relance.status not in ('scheduled', 'held') then
    return;
  end if;
  select o.* into strict v_organization from rubis.organization as o
   where o.organization_id = p_relance.organization_id;
  select array_agg(b.relance_id order by b.place), array_agg(b.leaves_at order by b.place),
         array_agg(b.is_notice order by b.place)
    into v_ids, v_ats, v_notices
    from rubis.relances_beside(p_relance) as b;
  -- What is due leaves with the next tick, all of it.
  v_soon := rubis.clock() + interval '1 second';
  leaves_at := greatest(leaves_at, v_soon);
  v_ats := array(
    select case l.id when p_relance.relance_id then leaves_at else greatest(l.at, v_soon) end
      from unnest(v_ids, v_ats) with ordinality as l (id, at, place) order by l.place);
  loop
    select greatest(v_at, min(l.at)) into v_at from unnest(v_ats) as l (at);
    if leaves_at < v_at then
      -- It waited for the letter before, which left after a question that was due by then.
      v_asked_at := case when v_asked_at < v_left_at then v_asked_at end;
      v_own := rubis.relance_outlook(p_relance, v_at, v_asked_at);
      reason := coalesce(case when v_own.leaves_at is null then v_own.reason end, reason,
        'client_spacing');
      leaves_at := v_own.leaves_at;
      if leaves_at is null then
        asks_at := null;
        relance_ids := array[p_relance.relance_id];
        return;
      end if;
      asks_at := coalesce(case when asks_at < v_left_at then asks_at end, v_own.asks_at);
      v_asked_at := v_own.asks_at;
      v_ats[array_position(v_ids, p_relance.relance_id)] := leaves_at;
    end if;
    relance_ids := rubis.letter_of(v_ids, v_ats, v_notices, v_at);
    exit when p_relance.relance_id = any (relance_ids);
    select array_agg(l.id order by l.place), array_agg(l.at order by l.place),
           array_agg(l.is_notice order by l.place)
      into v_ids, v_ats, v_notices
      from unnest(v_ids, v_ats, v_notices) with ordinality as l (id, at, is_notice, place)
     where l.id <> all (relance_ids);
    if cardinality(relance_ids) > 0 then
      v_left_at := v_at;
      v_at := case when v_organization.client_spacing_days = 0 then v_at else rubis.relance_at(
        v_organization, (v_at at time zone v_organization.time_zone)::date
          + v_organization.client_spacing_days, v_at) end;
    end if;
  end loop;
end;
$$;
comment on function rubis.letter_ahead(rubis.relance) is
  'When the relance ahead leaves, the reason it waits or is held, when the owner is asked again '
  'before it, and the relances of its letter, itself among them.';
