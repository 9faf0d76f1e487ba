create or replace function rubis.relance_forecast(
  p_ahead rubis.relance, p_leaves_at timestamptz, p_reason text, p_asks_at timestamptz
)
returns table (
  step smallint, tone text, planned_at timestamptz, asks_at timestamptz, leaves_at timestamptz,
  reason text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Forecast the relances after the one ahead, which have no rows yet; the other parameters are what
-- rubis.letter_ahead says of that one.
--   Called by  rubis.relances_document, rubis.foreseen_steps
declare
  v_invoice rubis.invoice;
  v_organization rubis.organization;
  v_relance_plan_id bigint;
  v_step rubis.relance_plan_step;
  v_after smallint;
  v_steps rubis.relance_plan_step[];
begin
  select i.* into strict v_invoice from rubis.invoice as i
   where i.organization_id = p_ahead.organization_id and i.invoice_id = p_ahead.invoice_id;
  select o.* into strict v_organization from rubis.organization as o
   where o.organization_id = p_ahead.organization_id;
  select c.relance_plan_id into strict v_relance_plan_id from rubis.client as c
   where c.organization_id = p_ahead.organization_id
     and c.client_id = rubis.live_client_id(p_ahead.organization_id, v_invoice.client_id);
  -- What is being sent may be for a client or a term that the invoice no longer has.
  v_after := case when p_ahead.status <> 'sending'
      or rubis.relance_counts(v_invoice, p_ahead.client_id, rubis.clock())
    then p_ahead.step else 0::smallint end;
  loop
    v_step := rubis.next_relance_step(
      p_ahead.organization_id, v_relance_plan_id, v_after);
    exit when v_step.step is null;
    v_steps := v_steps || v_step;
    v_after := v_step.step;
  end loop;
  return query select f.* from rubis.later_relances(
    v_organization, v_invoice.due_on, v_steps,
    coalesce(p_leaves_at, p_ahead.scheduled_at), p_ahead.days_after_due::smallint,
    p_ahead.tone::text,
    coalesce(p_asks_at, greatest(
      (rubis.last_word(v_invoice)).word_at,
      (v_invoice.due_on + v_organization.checkin_time) at time zone v_organization.time_zone)),
    case when p_leaves_at is null then p_reason end) as f;
end;
$$;
comment on function rubis.relance_forecast(rubis.relance, timestamptz, text, timestamptz) is
  'The steps after the relance ahead: when the owner is asked again before each, and when it is '
  'planned; leaves_at is null, with the reason, while the one ahead is held.';
