create or replace function rubis.relance_forecast(p_organization_id bigint, p_invoice_id bigint)
returns table (
  step smallint, tone text, planned_at timestamptz, asks_at timestamptz, leaves_at timestamptz,
  reason text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Forecast the relances after the one ahead, which have no rows yet. Each keeps its distance from
-- the one before it; asks_at is when the owner is asked again before it.
--   Called by  rubis.relances_document
declare
  v_invoice rubis.invoice;
  v_organization rubis.organization;
  v_ahead rubis.relance;
  v_relance_plan_id bigint;
  v_step rubis.relance_plan_step;
  v_before_at timestamptz;
  v_asked_at timestamptz;
  v_look record;
  v_days smallint;
  v_before_on date;
  v_before_tone text;
begin
  select i.* into strict v_invoice from rubis.invoice as i
   where i.organization_id = p_organization_id and i.invoice_id = p_invoice_id;
  select o.* into strict v_organization from rubis.organization as o
   where o.organization_id = p_organization_id;
  select r.* into v_ahead from rubis.relance as r
   where r.organization_id = p_organization_id and r.invoice_id = p_invoice_id
     and r.status in ('scheduled', 'held', 'queued', 'sending', 'unconfirmed');
  if not found then
    return;
  end if;
  select coalesce(f.leaves_at, v_ahead.scheduled_at),
         case when f.leaves_at is null then f.reason end,
         coalesce(f.asks_at, greatest(
           (rubis.last_word(v_invoice)).word_at,
           (v_invoice.due_on + v_organization.checkin_time)
             at time zone v_organization.time_zone))
    into v_before_at, reason, v_asked_at
    from rubis.relance_outlook(v_ahead) as f;
  v_days := v_ahead.days_after_due;
  select c.relance_plan_id into strict v_relance_plan_id from rubis.client as c
   where c.organization_id = p_organization_id
     and c.client_id = rubis.live_client_id(p_organization_id, v_invoice.client_id);
  -- What is being sent may be for a client or a term that the invoice no longer has.
  v_step := rubis.next_relance_step(
    p_organization_id, v_relance_plan_id,
    case when v_ahead.status <> 'sending'
        or rubis.relance_counts(v_invoice, v_ahead.client_id, rubis.clock())
      then v_ahead.step else 0::smallint end);
  v_before_tone := v_ahead.tone;
  while v_step.step is not null loop
    step := v_step.step;
    v_before_on := (v_before_at at time zone v_organization.time_zone)::date;
    tone := v_step.tone;
    v_look := rubis.first_look(v_organization, v_asked_at, rubis.relance_at(
      v_organization,
      greatest(
        v_invoice.due_on + v_step.days_after_due,
        v_before_on + (v_step.days_after_due - v_days),
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
    v_step := rubis.next_relance_step(p_organization_id, v_relance_plan_id, v_step.step);
  end loop;
end;
$$;
comment on function rubis.relance_forecast(bigint, bigint) is
  'The steps after the relance ahead: when the owner is asked again before each, and when it is '
  'planned; leaves_at is null, with the reason, while the one ahead is held.';
