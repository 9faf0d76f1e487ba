create or replace function rubis.look_again(
  p_organization_id bigint, p_user_id bigint, p_limit int
)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- A user has proven another address, so a question that was mailed to the one before counts no
-- longer: have the tick look now at the scheduled relances, which may have to ask again before
-- their next look. Each is looked at once, in the order of the invoices; app_user.release_from
-- remembers how far this came. A relance that another transaction holds ends the piece, and the
-- next one begins with it. True once all are done; also if the address is not proven, for then the
-- proof begins it.
--   Called by  rubis.release_proven
--   Writes     relance, app_user
declare
  v_from bigint;
  v_ids bigint[];
  v_free_ids bigint[];
begin
  select u.release_from into v_from from rubis.app_user as u
   where u.organization_id = p_organization_id and u.user_id = p_user_id
     and u.email_proven_at is not null;
  if not found then
    return true;
  end if;
  v_ids := array(
    select r.invoice_id from rubis.relance as r
     where r.organization_id = p_organization_id and r.status = 'scheduled'
       and r.invoice_id > v_from
     order by r.invoice_id
     limit p_limit);
  with free as (
    select r.relance_id, r.invoice_id from rubis.relance as r
     where r.organization_id = p_organization_id and r.status = 'scheduled'
       and r.invoice_id = any (v_ids)
     order by r.relance_id
       for no key update skip locked
  ), moved as (
    update rubis.relance as r
       set next_look_at = rubis.clock()
      from free as f
      join rubis.invoice as i
        on i.organization_id = p_organization_id and i.invoice_id = f.invoice_id
     where r.organization_id = p_organization_id and r.relance_id = f.relance_id
       and i.user_id = p_user_id and r.next_look_at > rubis.clock()
  )
  select array_agg(f.invoice_id) into v_free_ids from free as f;
  update rubis.app_user as u
     set release_from = coalesce(
       (select min(l.id) - 1 from unnest(v_ids) as l (id)
         where l.id <> all (coalesce(v_free_ids, '{}'))),
       v_ids[cardinality(v_ids)], v_from)
   where u.organization_id = p_organization_id and u.user_id = p_user_id
  returning u.release_from into v_from;
  return cardinality(v_ids) < p_limit and v_from >= coalesce(v_ids[cardinality(v_ids)], 0);
end;
$$;
comment on function rubis.look_again(bigint, bigint, int) is
  'Have the tick look now at most p_limit scheduled relances of a user who has proven another '
  'address; true once all are done.';
