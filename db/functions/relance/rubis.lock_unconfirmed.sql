create or replace function rubis.lock_unconfirmed(p_organization_id bigint, p_relance_id bigint)
returns rubis.relance[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock a relance and, if it is unconfirmed, the others that its letter carried and that still are:
-- the user decides about a letter as a whole. What was settled meanwhile is left out. The items are
-- read without a lock, then the invoices are locked and then the relances, both in key order; a
-- relance that has a later attempt by then is left out too.
--   Called by  api.confirm_relance, api.resend_relance
--   Raises     RB404
declare
  v_letter record;
  v_relance_ids bigint[];
  v_invoice_ids bigint[];
begin
  select l.* into v_letter
    from rubis.latest_attempt(p_organization_id, null, p_relance_id) as l;
  select array_agg(r.relance_id), array_agg(r.invoice_id) into v_relance_ids, v_invoice_ids
    from rubis.relance as r
   where r.organization_id = p_organization_id
     and (r.relance_id = p_relance_id
       or (r.status = 'unconfirmed' and r.relance_id in (
         select x.relance_id from rubis.mail_item as x
          where x.organization_id = p_organization_id and x.mail_id = v_letter.mail_id
            and x.attempt = v_letter.attempt and x.withdrawn_at is null)));
  if not p_relance_id = any (v_relance_ids) is true then
    raise exception using errcode = 'RB404', constraint = 'relance__missing', column = 'relance_id',
      message = format('relance %s does not exist', p_relance_id);
  end if;
  perform from rubis.invoice as i
    where i.organization_id = p_organization_id and i.invoice_id = any (v_invoice_ids)
    order by i.invoice_id
      for no key update;
  perform from rubis.relance as r
    where r.organization_id = p_organization_id and r.relance_id = any (v_relance_ids)
    order by r.relance_id
      for no key update;
  select l.* into v_letter
    from rubis.latest_attempt(p_organization_id, null, p_relance_id) as l;
  return array(
    select r from rubis.relance as r
     cross join lateral rubis.latest_attempt(p_organization_id, null, r.relance_id) as l
     where r.organization_id = p_organization_id and r.relance_id = any (v_relance_ids)
       and (r.relance_id = p_relance_id
         or (r.status = 'unconfirmed'
           and (l.mail_id, l.attempt) = (v_letter.mail_id, v_letter.attempt)))
     order by r.relance_id <> p_relance_id, r.relance_id);
end;
$$;
comment on function rubis.lock_unconfirmed(bigint, bigint) is
  'Lock and return a relance, first, and the other unconfirmed ones of its letter, with their '
  'invoices. RB404.';
