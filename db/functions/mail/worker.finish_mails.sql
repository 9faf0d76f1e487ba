create or replace function worker.finish_mails(p_results jsonb)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Record mails that were accepted, of any organizations, one organization after the other. All that
-- they carry is locked first, in the order of audit.lock_order.
--   Called by  worker/mails.py
--   Writes     what rubis.finish_mail writes
declare
  v_of record;
  v_result record;
begin
  for v_of in
    select (l.result ->> 'organization_id')::bigint as organization_id,
           array_agg((l.result ->> 'mail_id')::bigint) as mail_ids, jsonb_agg(l.result) as results
      from jsonb_array_elements(p_results) as l (result)
     group by 1
     order by 1
  loop
    perform rubis.lock_carried(v_of.organization_id, v_of.mail_ids);
    for v_result in
      select r.* from jsonb_to_recordset(v_of.results) as r (
               mail_id bigint, attempt smallint, subject text, body text)
       order by r.mail_id, r.attempt
    loop
      perform rubis.finish_mail(
        v_of.organization_id, v_result.mail_id, v_result.attempt, v_result.subject, v_result.body);
    end loop;
  end loop;
end;
$$;
comment on function worker.finish_mails(jsonb) is
  'Record that mails were accepted: [{organization_id, mail_id, attempt; of a letter also subject '
  'and body}, ...]. RB404.';
