create or replace function rubis.release_proven(p_limit int)
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Users have proven their addresses: let go the relances that waited for it. An invoice that
-- another transaction holds is skipped, for that transaction may be about to hold its relance.
-- release_due then stays set, and the next tick tries again. The user's row comes before the
-- invoices here, against audit.lock_order; both locks skip rows that others hold, so neither waits.
--   Called by  worker.tick
--   Writes     relance, app_user
declare
  v_user rubis.app_user;
  v_invoice_id bigint;
  v_seen int;
  v_released int := 0;
begin
  for v_user in
    select u.* from rubis.app_user as u
     where u.release_due
     order by u.organization_id, u.user_id
     limit p_limit
       for no key update skip locked
  loop
    v_seen := 0;
    for v_invoice_id in
      select i.invoice_id from rubis.invoice as i
        join rubis.planning on planning.organization_id = i.organization_id
       where i.organization_id = v_user.organization_id and i.user_id = v_user.user_id
         and i.status = 'open'
       order by i.invoice_id
         for no key update of i skip locked for share of planning skip locked
    loop
      v_seen := v_seen + 1;
      perform rubis.release_relance(v_user.organization_id, v_invoice_id);
    end loop;
    update rubis.app_user as u
       set release_due = false
     where u.organization_id = v_user.organization_id and u.user_id = v_user.user_id
       and v_seen >= (
         select count(*) from rubis.invoice as i
          where i.organization_id = v_user.organization_id and i.user_id = v_user.user_id
            and i.status = 'open');
    v_released := v_released + 1;
  end loop;
  return v_released;
end;
$$;
comment on function rubis.release_proven(int) is
  'Plan the held relances of at most p_limit users who '
  'have just proven their address; returns how many users.';
