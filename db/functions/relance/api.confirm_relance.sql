create or replace function api.confirm_relance(p_access_token_hash bytea, p_relance_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Count an unconfirmed relance as sent, because the user knows that it arrived. It counts from the
-- moment of its last attempt, and the next relance is scheduled.
--   Called by  app/api/routes/relances.py
--   Writes     relance, activity_event
--   Raises     RB401, RB404, RB409 relance__not_unconfirmed
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_relance rubis.relance := rubis.lock_relance(v_actor.organization_id, p_relance_id);
begin
  if v_relance.status = 'unconfirmed' then
    perform rubis.complete_relance(v_relance, (
      select m.attempted_at from rubis.relance_mail as m
       where m.organization_id = v_relance.organization_id and m.relance_id = p_relance_id
       order by m.relance_mail_id desc limit 1), 'relance_confirmed');
  elsif v_relance.status <> 'sent' then
    raise exception using errcode = 'RB409', constraint = 'relance__not_unconfirmed',
      column = 'relance_id',
      message = format('relance %s is %s', p_relance_id, v_relance.status);
  end if;
  return rubis.relances_document(v_relance.organization_id, v_relance.invoice_id);
end;
$$;
comment on function api.confirm_relance(bytea, bigint) is
  'Count an unconfirmed relance as sent, once. RB401, RB404, RB409.';
