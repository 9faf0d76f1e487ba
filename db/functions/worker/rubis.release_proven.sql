create or replace function rubis.release_proven(p_organization_id bigint, p_limit int)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Users have proven their addresses: let go the questions and relances that waited for it, and look
-- again at the relances that did not, in pieces. What another transaction holds is skipped, for
-- that transaction may be about to hold a relance; release_due then stays set, and the next tick
-- goes on. The user's row comes before the invoices here, against audit.lock_order; all locks skip
-- rows that others hold, so none waits.
--   Called by  rubis.tick_pieces
--   Writes     checkin_task, relance, app_user
declare
  v_user_id bigint;
  v_invoice_id bigint;
  v_all_looked_at boolean;
begin
  for v_user_id in
    select u.user_id from rubis.app_user as u
     where u.organization_id = p_organization_id and u.release_due
     order by u.user_id
       for no key update skip locked
  loop
    for v_invoice_id in
      select i.invoice_id from rubis.invoice as i
        join rubis.planning on planning.organization_id = i.organization_id
       where i.organization_id = p_organization_id
         and i.invoice_id = any (rubis.waits_for_proof(p_organization_id, v_user_id, p_limit))
       order by i.invoice_id
         for no key update of i skip locked for share of planning skip locked
    loop
      update rubis.checkin_task as t
         set status = 'scheduled', hold_reason = null
       where t.organization_id = p_organization_id and t.invoice_id = v_invoice_id
         and t.status = 'held';
      perform rubis.release_relance(p_organization_id, v_invoice_id);
    end loop;
    v_all_looked_at := rubis.look_again(p_organization_id, v_user_id, p_limit);
    update rubis.app_user as u
       set release_due = false, release_from = 0
     where u.organization_id = p_organization_id and u.user_id = v_user_id and v_all_looked_at
       and cardinality(rubis.waits_for_proof(p_organization_id, v_user_id, 1)) = 0;
  end loop;
end;
$$;
comment on function rubis.release_proven(bigint, int) is
  'Let go, and look again at, at most p_limit invoices of each user who has just proven the '
  'address.';
