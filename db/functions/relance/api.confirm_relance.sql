create or replace function api.confirm_relance(p_access_token_hash bytea, p_relance_id bigint)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Count an unconfirmed letter as sent, because the user knows that it arrived: all its relances
-- that are still unconfirmed. They count from the moment of its attempt, and the next relances are
-- scheduled. A relance that is sent by now needs nothing.
--   Called by  app/api/routes/relances.py
--   Writes     relance, mail, activity_event
--   Raises     RB401, RB404, RB409 relance__not_unconfirmed
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_relances rubis.relance[] := rubis.lock_unconfirmed(v_actor.organization_id, p_relance_id);
  v_relance rubis.relance;
  v_letter record;
  v_attempted_at timestamptz;
begin
  if (v_relances[1]).status = 'unconfirmed' then
    v_letter := rubis.latest_attempt(v_actor.organization_id, null, p_relance_id);
    perform rubis.lock_mail(v_actor.organization_id, v_letter.mail_id);
    select a.attempted_at::timestamptz into strict v_attempted_at from rubis.mail_attempt as a
     where a.organization_id = v_actor.organization_id
       and a.mail_id = v_letter.mail_id and a.attempt = v_letter.attempt;
    foreach v_relance in array v_relances loop
      perform rubis.complete_relance(v_relance, v_attempted_at, 'relance_confirmed');
    end loop;
    update rubis.mail as m
       set status = 'sent', ended_at = v_attempted_at, end_reason = null
     where m.organization_id = v_actor.organization_id and m.mail_id = v_letter.mail_id
       and m.status = 'unconfirmed';
  elsif (v_relances[1]).status <> 'sent' then
    raise exception using errcode = 'RB409', constraint = 'relance__not_unconfirmed',
      column = 'relance_id',
      message = format('relance %s is %s', p_relance_id, (v_relances[1]).status);
  end if;
  return rubis.relances_document(v_actor.organization_id, (v_relances[1]).invoice_id);
end;
$$;
comment on function api.confirm_relance(bytea, bigint) is
  'Count an unconfirmed letter as sent, once, for all its invoices. RB401, RB404, RB409.';
