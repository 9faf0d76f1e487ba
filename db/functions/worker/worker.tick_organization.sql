create or replace function worker.tick_organization(p_organization_id bigint, p_limit int)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Do what is due in one organization, in bounded pieces: take back what dead workers held, plan
-- again what older settings planned, expire questions, prove addresses, make the mails that are
-- due. The agenda's row lets one worker at a time do it. A tick skips what others hold and waits
-- for no one; what it could not do is due again in a second.
--   Called by  worker/tick.py
--   Writes     agenda; what the functions it calls write
declare
  v_pieces constant int := 500;
  v_done jsonb;
  v_mails jsonb;
begin
  perform from rubis.agenda as a
    where a.organization_id = p_organization_id for no key update skip locked;
  if not found then
    return jsonb_build_object('mails', '[]'::jsonb, 'recovered', 0, 'expired', 0);
  end if;
  delete from rubis.wake as k where k.organization_id = p_organization_id;
  v_done := jsonb_build_object(
    'recovered', rubis.recover_mails(p_organization_id, v_pieces),
    'expired', rubis.expire_checkins(p_organization_id, v_pieces));
  perform rubis.prove_by_answers(p_organization_id, v_pieces);
  perform rubis.release_proven(p_organization_id, v_pieces);
  perform rubis.gather_questions(p_organization_id, v_pieces);
  perform rubis.gather_letters(p_organization_id, v_pieces);
  perform rubis.gather_receipts(p_organization_id, v_pieces);
  select coalesce(jsonb_agg(jsonb_build_array(p_organization_id, l.mail_id)), '[]') into v_mails
    from (
      select m.mail_id from rubis.mail as m
       where m.organization_id = p_organization_id and m.status = 'scheduled'
         and m.next_attempt_at <= rubis.clock()
       order by m.next_attempt_at, m.mail_id
       limit p_limit) as l;
  update rubis.agenda as a
     set ticked_at = rubis.clock(), failures = 0, failed_at = null, failure_detail = null,
         next_due_at = rubis.next_due_at(p_organization_id)
   where a.organization_id = p_organization_id;
  return v_done || jsonb_build_object('mails', v_mails);
end;
$$;
comment on function worker.tick_organization(bigint, int) is
  'Do what is due in one organization: {mails: at most p_limit [organization_id, mail_id] to be '
  'queued, recovered, expired: how many}.';
