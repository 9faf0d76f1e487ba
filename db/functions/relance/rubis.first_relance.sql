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
--   Called by  rubis.issue_effects, api.preview_plan
declare
  v_look record;
begin
  if p_step.step is null then
    return null;
  end if;
  v_look := rubis.first_look(
    p_organization, p_asked_at,
    rubis.next_relance_at(p_organization, p_step, p_due_on, p_asked_at));
  return jsonb_populate_record(null::rubis.relance, jsonb_build_object(
    'due_on', p_due_on, 'relance_plan_id', p_step.relance_plan_id, 'step', p_step.step,
    'days_after_due', p_step.days_after_due, 'tone', p_step.tone,
    'scheduled_at', v_look.letter_at, 'next_look_at', v_look.look_at));
end;
$$;
comment on function rubis.first_relance(
  rubis.organization, rubis.relance_plan_step, date, timestamptz) is
  'The first relance of an invoice, without its invoice and client; null without a step.';
