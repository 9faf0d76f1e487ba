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
  v_organization_id bigint;
  v_result record;
begin
  for v_organization_id in
    select distinct (l.result ->> 'organization_id')::bigint
      from jsonb_array_elements(p_results) as l (result)
     order by 1
  loop
    perform rubis.lock_carried(v_organization_id, array(
      select (l.result ->> 'mail_id')::bigint
        from jsonb_array_elements(p_results) as l (result)
       where (l.result ->> 'organization_id')::bigint = v_organization_id));
    for v_result in
      select (l.result ->> 'mail_id')::bigint as mail_id,
             (l.result ->> 'attempt')::smallint as attempt,
             l.result ->> 'subject' as subject, l.result ->> 'body' as body
        from jsonb_array_elements(p_results) as l (result)
       where (l.result ->> 'organization_id')::bigint = v_organization_id
       order by 1, 2
    loop
      perform rubis.finish_mail(
        v_organization_id, v_result.mail_id, v_result.attempt, v_result.subject, v_result.body);
    end loop;
  end loop;
end;
$$;
comment on function worker.finish_mails(jsonb) is
  'Record that mails were accepted: [{organization_id, mail_id, attempt; of a letter also subject '
  'and body}, ...]. RB404.';
