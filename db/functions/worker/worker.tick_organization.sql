create or replace function worker.tick_organization(p_organization_id bigint, p_limit int)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Do what is due in one organization. Its agenda's row lets one worker at a time do it. If a piece
-- fails, all pieces are rolled back and the failure is recorded, so one bad row stops the ticks of
-- its organization only.
--   Called by  worker/tick.py
--   Writes     agenda, wake; what rubis.tick_pieces writes
declare
  v_done jsonb;
begin
  perform from rubis.agenda as a
    where a.organization_id = p_organization_id for no key update skip locked;
  if not found then
    return jsonb_build_object('mails', '[]'::jsonb);
  end if;
  delete from rubis.wake as k where k.organization_id = p_organization_id;
  begin
    v_done := rubis.tick_pieces(p_organization_id, p_limit);
    update rubis.agenda as a
       set ticked_at = rubis.clock(), failures = 0, failed_at = null, failure_detail = null,
           next_due_at = rubis.next_due_at(p_organization_id)
     where a.organization_id = p_organization_id;
  exception
    when others then
      perform worker.fail_organization(p_organization_id, sqlstate || ' ' || sqlerrm);
      v_done := jsonb_build_object('mails', '[]'::jsonb, 'failed', sqlstate);
  end;
  return v_done;
end;
$$;
comment on function worker.tick_organization(bigint, int) is
  'Do what is due in one organization: {mails: at most p_limit [organization_id, mail_id] to be '
  'queued; recovered, expired: how many}, or {mails: [], failed: SQLSTATE}.';
