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
-- rubis.letter_ahead says of that one. Each keeps its distance from the one before it, and that of
-- two letters to one address; letters about other invoices may put it off further. asks_at is when
-- the owner is asked again before it.
--   Called by  rubis.relances_document
declare
  v_invoice rubis.invoice;
  v_organization rubis.organization;
  v_relance_plan_id bigint;
  v_step rubis.relance_plan_step;
  v_before_at timestamptz := coalesce(p_leaves_at, p_ahead.scheduled_at);
  v_asked_at timestamptz;
  v_look record;
  v_days smallint := p_ahead.days_after_due::smallint;
  v_before_on date;
  v_before_tone text := p_ahead.tone::text;
begin
  select i.* into strict v_invoice from rubis.invoice as i
   where i.organization_id = p_ahead.organization_id and i.invoice_id = p_ahead.invoice_id;
  select o.* into strict v_organization from rubis.organization as o
   where o.organization_id = p_ahead.organization_id;
  reason := case when p_leaves_at is null then p_reason end;
  v_asked_at := coalesce(p_asks_at, greatest(
    (rubis.last_word(v_invoice)).word_at,
    (v_invoice.due_on + v_organization.checkin_time) at time zone v_organization.time_zone));
  select c.relance_plan_id into strict v_relance_plan_id from rubis.client as c
   where c.organization_id = p_ahead.organization_id
     and c.client_id = rubis.live_client_id(p_ahead.organization_id, v_invoice.client_id);
  -- What is being sent may be for a client or a term that the invoice no longer has.
  v_step := rubis.next_relance_step(
    p_ahead.organization_id, v_relance_plan_id,
    case when p_ahead.status <> 'sending'
        or rubis.relance_counts(v_invoice, p_ahead.client_id, rubis.clock())
      then p_ahead.step else 0::smallint end);
  while v_step.step is not null loop
    step := v_step.step;
    v_before_on := (v_before_at at time zone v_organization.time_zone)::date;
    tone := v_step.tone;
    v_look := rubis.first_look(v_organization, v_asked_at, rubis.relance_at(
      v_organization,
      greatest(
        v_invoice.due_on + v_step.days_after_due,
        v_before_on + greatest(
          v_step.days_after_due - v_days, v_organization.client_spacing_days),
        case v_before_tone when 'formal_notice' then v_before_on + rubis.notice_days() + 1 end),
      -- The one before leaves some moments after its time.
      v_before_at + interval '24 hours 1 minute'));
    planned_at := v_look.letter_at;
    asks_at := case when reason is null and v_look.look_at < planned_at then v_look.look_at end;
    v_asked_at := coalesce(asks_at, v_asked_at);
    leaves_at := case when reason is null then planned_at end;
    return next;
    v_before_at := planned_at;
    v_days := v_step.days_after_due;
    v_before_tone := v_step.tone;
    v_step := rubis.next_relance_step(
      p_ahead.organization_id, v_relance_plan_id, v_step.step);
  end loop;
end;
$$;
comment on function rubis.relance_forecast(rubis.relance, timestamptz, text, timestamptz) is
  'The steps after the relance ahead: when the owner is asked again before each, and when it is '
  'planned; leaves_at is null, with the reason, while the one ahead is held.';
