create or replace function worker.fail_relance_send(
  p_organization_id bigint, p_relance_mail_id bigint, p_failure_class text, p_failure_detail text
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- The letter was not accepted, was withdrawn, or its fate is unknown. A refusal pauses the client,
-- so the client is locked first, as audit.lock_order has it.
--   Called by  worker/relances.py
--   Writes     relance_mail, relance, client, activity_event
--   Raises     RB404, RB422
declare
  v_relance_id bigint;
begin
  if p_failure_class is null
    or p_failure_class not in ('temporary', 'refused', 'operator', 'unknown', 'withdrawn') then
    raise exception using errcode = 'RB422', constraint = 'relance_mail__failure_class',
      column = 'failure_class',
      message = 'failure_class must be temporary, refused, operator, unknown or withdrawn';
  end if;
  select m.relance_id into v_relance_id from rubis.relance_mail as m
   where m.organization_id = p_organization_id and m.relance_mail_id = p_relance_mail_id;
  perform rubis.lock_client(p_organization_id, i.client_id)
     from rubis.relance as r
     join rubis.invoice as i
       on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
    where r.organization_id = p_organization_id and r.relance_id = v_relance_id;
  perform rubis.fail_relance(
    rubis.lock_relance(p_organization_id, v_relance_id), p_relance_mail_id, p_failure_class,
    p_failure_detail);
end;
$$;
comment on function worker.fail_relance_send(bigint, bigint, text, text) is
  'Record that a letter did not leave, or that its fate is unknown: temporary, refused, operator, '
  'unknown or withdrawn, and a detail for people. RB404, RB422.';
