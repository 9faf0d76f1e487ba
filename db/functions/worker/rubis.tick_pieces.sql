create or replace function rubis.tick_pieces(p_organization_id bigint, p_limit int)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- The pieces of an organization's tick, each bounded: take back what dead workers held, plan again
-- what older settings planned, expire questions, prove addresses, make the mails that are due. A
-- piece skips what others hold and waits for no one; what it could not do is due again in a second.
--   Called by  worker.tick_organization
--   Writes     what the functions it calls write
declare
  v_rows constant int := 500;
  v_planned constant int := 100;
  v_due record;
  v_recovered int := 0;
  v_expired int := 0;
begin
  v_due := rubis.due_work(p_organization_id);
  if v_due.is_behind then
    perform rubis.replan_outdated(p_organization_id, v_planned);
    v_recovered := rubis.recover_mails(p_organization_id, v_rows);
    v_expired := rubis.expire_checkins(p_organization_id, v_rows);
    perform rubis.prove_by_answers(p_organization_id, v_rows);
    perform rubis.release_proven(p_organization_id, v_rows);
    v_due := rubis.due_work(p_organization_id);
  end if;
  if v_due.asks then
    perform rubis.gather_questions(p_organization_id, v_rows);
  end if;
  if v_due.writes then
    perform rubis.gather_letters(p_organization_id, v_rows);
  end if;
  if v_due.confirms then
    perform rubis.gather_receipts(p_organization_id, v_rows);
  end if;
  return jsonb_build_object('recovered', v_recovered, 'expired', v_expired, 'mails', (
    select coalesce(jsonb_agg(jsonb_build_array(p_organization_id, l.mail_id)), '[]')
      from (
        select m.mail_id from rubis.mail as m
         where m.organization_id = p_organization_id and m.status = 'scheduled'
           and m.next_attempt_at <= rubis.clock()
         order by m.next_attempt_at, m.mail_id
         limit p_limit) as l));
end;
$$;
comment on function rubis.tick_pieces(bigint, int) is
  'Do bounded pieces of what is due in an organization: {mails, recovered, expired}.';
