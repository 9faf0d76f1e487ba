create or replace function rubis.later_relances(
  p_organization rubis.organization, p_due_on date, p_steps rubis.relance_plan_step[],
  p_before_at timestamptz, p_before_days smallint, p_before_tone text, p_asked_at timestamptz,
  p_reason text
)
returns table (
  step smallint, tone text, planned_at timestamptz, asks_at timestamptz, leaves_at timestamptz,
  reason text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Foresee the relances of these steps after one that leaves at p_before_at, and before which the
-- owner was asked at p_asked_at. Each keeps its distance from the one before it, and that of two
-- letters to one address; letters about other invoices may put it off further. asks_at is when the
-- owner is asked again before it. p_reason: why the one before is held; null: it leaves.
--   Called by  rubis.relance_forecast, api.preview_plan
declare
  v_step rubis.relance_plan_step;
  v_before_at timestamptz := p_before_at;
  v_days smallint := p_before_days;
  v_before_on date;
  v_before_tone text := p_before_tone;
  v_asked_at timestamptz := p_asked_at;
  v_look record;
begin
  reason := p_reason;
  foreach v_step in array coalesce(p_steps, '{}') loop
    step := v_step.step;
    v_before_on := (v_before_at at time zone p_organization.time_zone)::date;
    tone := v_step.tone;
    v_look := rubis.first_look(p_organization, v_asked_at, rubis.relance_at(
      p_organization,
      greatest(
        p_due_on + v_step.days_after_due,
        v_before_on + greatest(
          v_step.days_after_due - v_days, p_organization.client_spacing_days),
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
  end loop;
end;
$$;
comment on function rubis.later_relances(
  rubis.organization, date, rubis.relance_plan_step[], timestamptz, smallint, text, timestamptz,
  text) is
  'The relances of these steps after another: when the owner is asked again before each, and when '
  'it is planned; leaves_at is null, with the reason, while the one before is held.';
