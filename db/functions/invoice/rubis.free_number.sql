create or replace function rubis.free_number(
  p_organization_id bigint, p_before text, p_digits text, p_after text, p_first numeric
)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find a number of a series that no invoice has, from p_first on: at best p_first itself, else one
-- after a number in use. It steps further and further until one is free, then halves the way back,
-- so a series of thousands takes a few dozen looks.
--   Called by  api.suggest_number, api.ask_sample
declare
  v_used numeric := p_first - 1;
  v_free numeric := p_first;
  v_half numeric;
  v_number text;
begin
  loop
    v_number := p_before || rubis.padded(v_free, length(p_digits)) || p_after;
    exit when not rubis.number_in_use(p_organization_id, v_number);
    v_half := v_free;
    v_free := v_free + (v_free - v_used) * 2;
    v_used := v_half;
  end loop;
  while v_free - v_used > 1 loop
    v_half := div(v_used + v_free, 2);
    if rubis.number_in_use(
      p_organization_id, p_before || rubis.padded(v_half, length(p_digits)) || p_after)
    then
      v_used := v_half;
    else
      v_free := v_half;
    end if;
  end loop;
  v_number := p_before || rubis.padded(v_free, length(p_digits)) || p_after;
  return case when length(v_number) <= 200 then v_number end;
end;
$$;
comment on function rubis.free_number(bigint, text, text, text, numeric) is
  'A number p_before, a counter from p_first on as wide as p_digits, p_after, that no invoice has; '
  'null if it would be too long.';
