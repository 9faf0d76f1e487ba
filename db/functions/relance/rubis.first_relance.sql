create or replace function rubis.first_relance(
  p_organization rubis.organization, p_step rubis.relance_plan_step, p_due_on date,
  p_asked_at timestamptz
)
returns rubis.relance
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Plan the first relance of a new invoice due on p_due_on, asked about at p_asked_at. It names no
-- invoice and no client, so invoices with the same due date share one call. Null without a step.
--   Called by  rubis.issue_effects
declare
  v_relance rubis.relance;
  v_look record;
begin
  if p_step.step is not null then
    v_look := rubis.first_look(
      p_organization, p_asked_at,
      rubis.next_relance_at(p_organization, p_step, p_due_on, p_asked_at));
    v_relance.due_on := p_due_on;
    v_relance.relance_plan_id := p_step.relance_plan_id;
    v_relance.step := p_step.step;
    v_relance.days_after_due := p_step.days_after_due;
    v_relance.tone := p_step.tone;
    v_relance.scheduled_at := v_look.letter_at;
    v_relance.next_attempt_at := v_look.look_at;
  end if;
  return v_relance;
end;
$$;
comment on function rubis.first_relance(
  rubis.organization, rubis.relance_plan_step, date, timestamptz) is
  'The first relance of an invoice, without its invoice and client; null without a step.';
