create or replace function worker.fail_checkin_send(
  p_organization_id bigint, p_checkin_mail_id bigint, p_failure_class text, p_failure_detail text
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- The mail was not accepted, or its fate is unknown.
--   Called by  worker/checkins.py
--   Writes     checkin_mail, checkin_task, activity_event, by rubis.fail_attempt
--   Raises     RB404, RB422
begin
  if p_failure_class is null
    or p_failure_class not in ('temporary', 'refused', 'operator', 'unknown') then
    raise exception using errcode = 'RB422', constraint = 'checkin_mail__failure_class',
      column = 'failure_class',
      message = 'failure_class must be temporary, refused, operator or unknown';
  end if;
  perform rubis.fail_attempt(
    rubis.lock_task_of_mail(p_organization_id, p_checkin_mail_id), p_checkin_mail_id,
    p_failure_class, p_failure_detail);
end;
$$;
comment on function worker.fail_checkin_send(bigint, bigint, text, text) is
  'Record that a check-in mail failed: temporary, refused, '
  'operator or unknown, and a detail for people. RB404, RB422.';
