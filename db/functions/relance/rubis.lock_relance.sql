create or replace function rubis.lock_relance(p_organization_id bigint, p_relance_id bigint)
returns rubis.relance
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Lock a relance of this organization until the transaction ends, and its invoice before it.
--   Called by  api.resend_relance, api.confirm_relance, worker.begin_relance_send,
--              worker.confirm_relance_send, worker.finish_relance_send, worker.fail_relance_send
--   Raises     RB404
declare
  v_invoice_id bigint;
  v_relance rubis.relance;
begin
  select r.invoice_id into v_invoice_id from rubis.relance as r
   where r.organization_id = p_organization_id and r.relance_id = p_relance_id;
  if not found then
    raise exception using errcode = 'RB404', constraint = 'relance__missing', column = 'relance_id',
      message = format('relance %s does not exist', p_relance_id);
  end if;
  perform rubis.lock_invoice(p_organization_id, v_invoice_id);
  select r.* into strict v_relance from rubis.relance as r
   where r.organization_id = p_organization_id and r.relance_id = p_relance_id
     for no key update;
  return v_relance;
end;
$$;
comment on function rubis.lock_relance(bigint, bigint) is
  'Lock and return a relance of the organization, and its invoice. RB404.';
