create or replace function rubis.next_relance_at(
  p_organization rubis.organization, p_step rubis.relance_plan_step, p_due_on date,
  p_asked_at timestamptz,
  p_last rubis.relance default null
)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Compute when a step of the plan leaves: on its day, at the plan's distance from the last relance,
-- after the days that a formal notice gave, and at least 24 h after that relance and after the
-- check-in. It reads no invoice, so invoices
-- with the same due date share one call.
--   Called by  rubis.first_relance, rubis.schedule_relance
declare
  v_last_on date := (p_last.sent_at at time zone p_organization.time_zone)::date;
begin
  return rubis.relance_at(
    p_organization,
    greatest(
      p_due_on + p_step.days_after_due,
      v_last_on + (p_step.days_after_due - p_last.days_after_due),
      case p_last.tone when 'formal_notice' then v_last_on + rubis.notice_days() + 1 end),
    greatest(
      rubis.clock(), p_asked_at + interval '24 hours', p_last.sent_at + interval '24 hours'));
end;
$$;
comment on function rubis.next_relance_at(
  rubis.organization, rubis.relance_plan_step, date, timestamptz, rubis.relance) is
  'The moment of a step of the plan for an invoice due on p_due_on, asked about at p_asked_at; '
  'p_last: the relance sent before.';
