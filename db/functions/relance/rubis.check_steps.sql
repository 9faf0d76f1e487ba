create or replace function rubis.check_steps(p_steps jsonb)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Refuse what is no list of steps. The error names the first value that is not allowed.
--   Called by  rubis.put_steps, api.preview_plan
--   Raises     RB422
declare
  v_wrong text;
begin
  if jsonb_typeof(p_steps) is distinct from 'array' or jsonb_array_length(p_steps) > 20 then
    raise exception using errcode = 'RB422', constraint = 'relance_plan__steps', column = 'steps',
      message = 'steps must be a list of at most 20';
  end if;
  with given as (
    select s.position, s.step ->> 'days_after_due' as days, s.step ->> 'tone' as tone,
           lag(s.step ->> 'days_after_due') over (order by s.position) as days_before
      from jsonb_array_elements(p_steps) with ordinality as s (step, position)
  )
  select format('steps[%s].%s', g.position - 1, case
           when g.tone in ('courteous', 'firm', 'formal_notice') then 'days_after_due'
           else 'tone' end) into v_wrong
    from given as g
   where g.tone is null or g.tone not in ('courteous', 'firm', 'formal_notice')
      or g.days is null or g.days !~ '^[0-9]{1,3}$' or g.days::int not between 1 and 365
      or g.days::int <= coalesce(g.days_before, '0')::int
   order by g.position limit 1;
  if found then
    raise exception using errcode = 'RB422', constraint = 'relance_plan__steps', column = v_wrong,
      message = format(
        '%s is not allowed: days_after_due must rise from step to step, from 1 to 365; '
        'tone must be courteous, firm or formal_notice', v_wrong);
  end if;
end;
$$;
comment on function rubis.check_steps(jsonb) is
  'Refuse what cannot be the steps of a plan, [{days_after_due, tone}, ...]. RB422.';
