create or replace function api.resend_relance(p_access_token_hash bytea, p_relance_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Send an unconfirmed letter again that did not arrive: all its relances that are still
-- unconfirmed. Or try a failed relance again, alone. They leave as soon as the verdict allows.
--   Called by  app/api/routes/relances.py
--   Writes     relance, activity_event
--   Raises     RB401, RB404, RB409 relance__not_unconfirmed, RB409 relance__overtaken, RB409
--              invoice__settled
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_relances rubis.relance[] := rubis.lock_unconfirmed(v_actor.organization_id, p_relance_id);
  v_relance rubis.relance := v_relances[1];
begin
  if v_relance.status not in ('unconfirmed', 'failed') then
    raise exception using errcode = 'RB409', constraint = 'relance__not_unconfirmed',
      column = 'relance_id',
      message = format('relance %s is %s', p_relance_id, v_relance.status);
  end if;
  perform rubis.check_invoice_open(v_relance.organization_id, v_relance.invoice_id);
  -- The relance scheduled after the failed one is cancelled, unless it has left or is about to.
  if v_relance.status = 'failed' then
    if rubis.is_overtaken(v_relance) then
      raise exception using errcode = 'RB409', constraint = 'relance__overtaken',
        column = 'relance_id',
        message = format(
          'relance %s was followed by another, or is to another client or of an earlier term',
          p_relance_id);
    end if;
    perform rubis.cancel_relances(
      v_relance.organization_id, v_relance.invoice_id, 'an earlier one is sent again',
      array['scheduled', 'held']);
  end if;
  foreach v_relance in array v_relances loop
    update rubis.relance as r
       set status = 'scheduled', next_look_at = rubis.clock()
     where r.organization_id = v_relance.organization_id and r.relance_id = v_relance.relance_id;
    perform rubis.add_relance_event(v_relance, 'relance_resent');
  end loop;
  return rubis.relances_document(v_actor.organization_id, (v_relances[1]).invoice_id);
end;
$$;
comment on function api.resend_relance(bytea, bigint) is
  'Send an unconfirmed letter again, for all its invoices, or a failed relance. RB401, RB404, '
  'RB409.';
