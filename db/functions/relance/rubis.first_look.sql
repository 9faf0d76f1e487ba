create or replace function rubis.first_look(
  p_organization rubis.organization, p_asked_at timestamptz, p_letter_at timestamptz,
  out letter_at timestamptz, out look_at timestamptz
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Compute when a letter leaves for which the owner is asked at p_asked_at, and when a tick looks at
-- it: at that time, or earlier, if the question will be too old by then and is asked again.
--   Called by  rubis.first_relance, rubis.later_relances
declare
  v_asking record;
begin
  letter_at := p_letter_at;
  look_at := p_letter_at;
  if (p_letter_at at time zone p_organization.time_zone)::date
    - (p_asked_at at time zone p_organization.time_zone)::date > p_organization.question_valid_days
  then
    v_asking := rubis.asking_at(p_organization, p_letter_at, p_asked_at + interval '24 hours');
    letter_at := v_asking.letter_at;
    look_at := v_asking.asks_at;
  end if;
end;
$$;
comment on function rubis.first_look(rubis.organization, timestamptz, timestamptz) is
  'When a letter leaves, and when a tick looks at it: at that moment, or when the owner must be '
  'asked again before it.';
