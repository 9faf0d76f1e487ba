create or replace function api.preview_plan(
  p_access_token_hash bytea, p_steps jsonb, p_invoice_id bigint
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- The dates of steps, which need not be kept, on one invoice as if it were issued now: when the
-- owner is asked before each letter, and when it leaves. Without an invoice it is the newest open
-- one, or else a sample that falls due today. It is what rubis.issue_effects plans and
-- rubis.relance_forecast foresees.
--   Called by  app/api/routes/relance_plans.py
--   Raises     RB401, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_organization rubis.organization;
  v_invoice rubis.invoice;
  v_steps rubis.relance_plan_step[];
  v_due_on date;
  v_asked_at timestamptz;
  v_first rubis.relance;
  v_dates jsonb;
begin
  perform rubis.check_steps(p_steps);
  select o.* into strict v_organization from rubis.organization as o
   where o.organization_id = v_actor.organization_id;
  select i.* into v_invoice from rubis.invoice as i
   where i.organization_id = v_actor.organization_id
     and i.invoice_id = rubis.example_invoice_id(v_actor.organization_id, p_invoice_id);
  v_due_on := coalesce(
    v_invoice.due_on, (rubis.clock() at time zone v_organization.time_zone)::date);
  select array_agg(jsonb_populate_record(
           null::rubis.relance_plan_step,
           s.given || jsonb_build_object('step', s.step)) order by s.step)
    into v_steps
    from jsonb_array_elements(p_steps) with ordinality as s (given, step);
  v_asked_at := rubis.checkin_at(
    v_due_on, v_organization.checkin_time, v_organization.time_zone);
  v_first := rubis.first_relance(v_organization, v_steps[1], v_due_on, v_asked_at);
  v_asked_at := case when v_first.next_look_at < v_first.scheduled_at
    then v_first.next_look_at else v_asked_at end;
  select jsonb_agg(jsonb_build_object(
           'step', f.step, 'tone', f.tone, 'asks_at', f.asks_at, 'leaves_at', f.leaves_at)
           order by f.step)
    into v_dates
    from (
      select v_first.step, v_first.tone, v_asked_at as asks_at, v_first.scheduled_at as leaves_at
       where v_first.step is not null
      union all
      select l.step, l.tone, l.asks_at, l.leaves_at
        from rubis.later_relances(
          v_organization, v_due_on, v_steps[2:], v_first.scheduled_at,
          v_first.days_after_due::smallint, v_first.tone, v_asked_at, null) as l) as f;
  return jsonb_build_object(
    'invoice_id', v_invoice.invoice_id, 'number', v_invoice.number, 'due_on', v_due_on,
    'steps', coalesce(v_dates, '[]'),
    'invoices', rubis.example_invoices(v_actor.organization_id));
end;
$$;
comment on function api.preview_plan(bytea, jsonb, bigint) is
  'The dates of steps on one invoice: {invoice_id and number: null for a sample, due_on, steps: '
  '[{step, tone, asks_at: null if no new question is needed, leaves_at}], invoices: others to try '
  'them on}. RB401, RB422.';
