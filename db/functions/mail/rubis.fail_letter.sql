create or replace function rubis.fail_letter(
  p_mail rubis.mail, p_attempt smallint, p_failure_class text, p_retry_at timestamptz
)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Move the relances of a failed letter. A letter of unknown fate is never sent again without the
-- user, for any of its invoices.
--   Called by  rubis.fail_mail
--   Writes     relance, client, activity_event, by rubis.fail_relance
declare
  v_relance rubis.relance;
  v_statuses text[] := '{}'::text[];
begin
  for v_relance in
    select r.*
      from rubis.mail_item as x
      join rubis.relance as r
        on r.organization_id = x.organization_id and r.relance_id = x.relance_id
     where x.organization_id = p_mail.organization_id and x.mail_id = p_mail.mail_id
       and x.attempt = p_attempt and x.withdrawn_at is null and r.status = 'sending'
     order by x.position
  loop
    v_statuses := v_statuses || rubis.fail_relance(
      v_relance, p_mail.mail_id, p_attempt, p_failure_class, p_retry_at);
  end loop;
  return case
    when p_failure_class = 'withdrawn' then 'cancelled'
    when p_failure_class = 'unknown' then 'unconfirmed'
    when 'scheduled' = any (v_statuses) then 'scheduled'
    else 'failed' end;
end;
$$;
comment on function rubis.fail_letter(rubis.mail, smallint, text, timestamptz) is
  'Move the relances of a failed letter; returns the status of the letter.';
