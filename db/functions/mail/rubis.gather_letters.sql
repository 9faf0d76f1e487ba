create or replace function rubis.gather_letters(p_organization_id bigint, p_limit int)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Judge the due relances. For those that may leave there is a letter to their client's address; it
-- judges them again when it begins. The others are put off or held. The invoices are locked: what
-- lifts a hold locks the invoice too, so no hold is lifted unseen. An organization whose settings
-- change at this moment is left for the next tick.
--   Called by  rubis.tick_pieces
--   Writes     relance, mail
declare
  v_relance_ids bigint[];
  v_relance rubis.relance;
begin
  -- Listed without a lock, then locked: the list stays on its index.
  select array_agg(l.relance_id) into v_relance_ids from (
    select r.relance_id from rubis.relance as r
     where r.organization_id = p_organization_id and r.status = 'scheduled'
       and r.next_look_at <= rubis.clock()
     order by r.next_look_at
     limit p_limit) as l;
  for v_relance in
    select r.*
      from rubis.relance as r
      join rubis.invoice as i
        on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
      join rubis.planning on planning.organization_id = r.organization_id
     where r.organization_id = p_organization_id and r.relance_id = any (v_relance_ids)
     order by r.next_look_at, r.relance_id
       for no key update of i, r skip locked for share of planning skip locked
  loop
    -- It may have changed before it was locked.
    continue when v_relance.status <> 'scheduled' or v_relance.next_look_at > rubis.clock()
      or (rubis.judge_relance(v_relance)).verdict <> 'leave';
    insert into rubis.mail (
      organization_id, kind, client_id, address_key, next_attempt_at)
    select p_organization_id, 'letter', c.client_id, rubis.key(c.email), rubis.clock()
      from rubis.invoice as i
      join rubis.client as c
        on c.organization_id = i.organization_id
       and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
     where i.organization_id = p_organization_id and i.invoice_id = v_relance.invoice_id
       -- An insert would wait for the worker that has the letter in hand.
       and not exists (
         select from rubis.mail as m
          where m.organization_id = c.organization_id and m.address_key = rubis.key(c.email)
            and m.kind = 'letter' and m.status in ('scheduled', 'queued', 'sending'))
    on conflict do nothing;
    -- The letter takes it along. If another letter to the address is under way, it is judged again.
    update rubis.relance as r
       set next_look_at = rubis.clock() + interval '1 minute'
     where r.organization_id = p_organization_id and r.relance_id = v_relance.relance_id;
  end loop;
end;
$$;
comment on function rubis.gather_letters(bigint, int) is
  'Judge at most p_limit due relances of an organization; make the letters to send.';
