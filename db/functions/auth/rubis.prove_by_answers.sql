create or replace function rubis.prove_by_answers(p_organization_id bigint, p_limit int)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Prove the addresses of users who answered by a link, once the time to contradict the answer is
-- over: a program follows both links, a person one. Rows that other transactions hold are skipped,
-- so this waits for no lock; the next tick sees them.
--   Called by  rubis.tick_pieces
--   Writes     checkin_task, app_user
declare
  v_answer record;
begin
  for v_answer in
    select t.organization_id, t.checkin_task_id, i.user_id
      from rubis.checkin_task as t
      join rubis.invoice as i
        on i.organization_id = t.organization_id and i.invoice_id = t.invoice_id
      join rubis.app_user as u on u.organization_id = i.organization_id and u.user_id = i.user_id
     where t.organization_id = p_organization_id and t.proof_due_at <= rubis.clock()
     order by t.proof_due_at
     limit p_limit
       for no key update of t, i, u skip locked
  loop
    update rubis.checkin_task as t
       set proof_due_at = null
     where t.organization_id = v_answer.organization_id
       and t.checkin_task_id = v_answer.checkin_task_id;
    perform rubis.prove_address(v_answer.organization_id, v_answer.user_id, a.to_address)
       from rubis.mail_item as x
       join rubis.mail_attempt as a
         on a.organization_id = x.organization_id and a.mail_id = x.mail_id
        and a.attempt = x.attempt
       join rubis.checkin_click as k
         on k.organization_id = x.organization_id and k.mail_id = x.mail_id
        and k.attempt = x.attempt and k.position = x.position
      where x.organization_id = v_answer.organization_id
        and x.checkin_task_id = v_answer.checkin_task_id
        and k.via = 'link' and k.outcome in ('paid', 'pending');
  end loop;
end;
$$;
comment on function rubis.prove_by_answers(bigint, int) is
  'Prove the addresses behind at most p_limit answers by link of an organization that nothing '
  'contradicted in time.';
