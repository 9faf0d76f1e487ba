create or replace function api.readiness()
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Whether the flow runs: workers tick, mail leaves, no row that is due waits, no tick fails. Mail
-- does not leave if none was accepted since a failure of ours, or for an hour while all was
-- put off.
-- Public: it names no user and no client.
--   Called by  app/api/routes/health.py, api.measure_flow, api.show_status
declare
  v_limit constant int := 1000;
  v_now timestamptz := rubis.clock();
  v_late_at timestamptz := v_now - interval '2 minutes';
  v_last_tick_at timestamptz := (select max(h.last_tick_at) from rubis.worker_heartbeat as h);
  v_accepted_at timestamptz := rubis.mail_accepted_before('infinity');
  v_operator_failed_at timestamptz := (
    select max(a.failed_at) from rubis.mail_attempt as a where a.failure_class = 'operator');
  v_late_ids bigint[] := array(select rubis.overdue_organizations(v_late_at, v_limit));
  v_overdue int := (
    select count(*)::int from (
      select from rubis.left_without_mail(
        v_late_ids, 'questions', v_late_at - interval '1 microsecond', v_limit)
      union all
      select from rubis.mail as m
       where m.organization_id = any (v_late_ids) and m.status = 'scheduled'
         and m.next_attempt_at < v_late_at and m.kind = 'questions'
       limit v_limit) as late);
  v_relances_overdue int := (
    select count(*)::int from (
      select from rubis.relance as r
       where r.organization_id = any (v_late_ids) and r.status = 'scheduled'
         and r.next_look_at < v_late_at
       limit v_limit) as late);
  v_user_mails_overdue int := (
    select count(*)::int from (
      select from rubis.mail as m
       where m.organization_id = any (v_late_ids) and m.status = 'scheduled'
         and m.next_attempt_at < v_late_at and m.kind not in ('questions', 'letter')
      union all
      select from rubis.left_without_mail(
        v_late_ids, 'receipts', v_late_at - interval '1 microsecond', v_limit)
       limit v_limit) as late);
  v_failing int := rubis.count_failing_organizations(v_limit);
  v_worker_ok boolean := coalesce(v_last_tick_at > v_now - interval '1 minute', false);
  v_mail_ok boolean := coalesce(
    v_operator_failed_at <= v_accepted_at, v_operator_failed_at is null);
  v_deferred_since timestamptz;
begin
  if v_mail_ok then
    v_deferred_since := rubis.mail_deferred_since();
    v_mail_ok := coalesce(v_deferred_since > v_now - interval '1 hour', true);
  end if;
  return jsonb_build_object(
    'status', case
      when v_worker_ok and v_mail_ok and v_overdue = 0 and v_relances_overdue = 0
        and v_user_mails_overdue = 0 and v_failing = 0
      then 'ready' else 'degraded' end,
    'worker', jsonb_build_object('ok', v_worker_ok, 'last_tick_at', v_last_tick_at),
    'mail', jsonb_build_object(
      'ok', v_mail_ok, 'last_accepted_at', v_accepted_at,
      'last_operator_failure_at', v_operator_failed_at, 'deferred_since', v_deferred_since),
    'checkins', jsonb_build_object('ok', v_overdue = 0, 'overdue', v_overdue),
    'relances', jsonb_build_object('ok', v_relances_overdue = 0, 'overdue', v_relances_overdue),
    'user_mails', jsonb_build_object(
      'ok', v_user_mails_overdue = 0, 'overdue', v_user_mails_overdue),
    'organizations', jsonb_build_object('ok', v_failing = 0, 'failing', v_failing));
end;
$$;
comment on function api.readiness() is
  'Health of the flow as JSON: status ready or degraded, and worker, mail, checkins, relances, '
  'user_mails and organizations with ok and the facts.';
