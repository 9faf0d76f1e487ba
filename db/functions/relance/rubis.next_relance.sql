create or replace function rubis.next_relance(
  p_organization rubis.organization, p_relance_plan_id bigint, p_due_on date, p_asked_at timestamptz,
  p_last rubis.relance default null,
  out step rubis.relance_plan_step, out scheduled_at timestamptz
)
language plpgsql stable
set search_path = ''
as $$
-- Which relance comes next for an invoice, and when: on its day, as far from the last one as the plan has it, never within
-- 24 h of it or of the check-in. It reads no invoice, so that many invoices of one due date ask once.
--   Called by  rubis.issue_effects, rubis.schedule_relance
begin
  step := rubis.next_relance_step(p_organization.organization_id, p_relance_plan_id, coalesce(p_last.step, 0::smallint));
  if step.step is not null then
    scheduled_at := rubis.relance_at(
      p_organization,
      greatest(
        p_due_on + step.days_after_due,
        (p_last.sent_at at time zone p_organization.time_zone)::date + (step.days_after_due - p_last.days_after_due)),
      greatest(rubis.clock(), p_asked_at + interval '24 hours', p_last.sent_at + interval '24 hours'));
  end if;
end;
$$;
comment on function rubis.next_relance(rubis.organization, bigint, date, timestamptz, rubis.relance) is
  'The step after p_last in the client''s plan (null: the default one) and its moment; both null if no step is left.';
