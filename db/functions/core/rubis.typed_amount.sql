create or replace function rubis.typed_amount(p_text text)
returns int8range
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Read an amount as people type it: 1200, 1 200,50, 1,200.50 or 1200 EUR. Decimals left out match
-- any. In hundredths, as most currencies have them.
--   Called by  rubis.search_invoices
declare
  v_text text := regexp_replace(
    translate(rubis.search_key(p_text), e' ''\u20ac$\u00a3', ''), '[a-z]{3}$', '');
  v_decimals text := coalesce(substring(v_text from '[.,](\d{1,2})$'), '');
  v_whole text := translate(regexp_replace(v_text, '[.,]\d{1,2}$', ''), '.,', '');
begin
  if v_text !~ '^(\d{1,3}([.,]\d{3})+|\d+)([.,]\d{1,2})?$' or length(v_whole) > 12 then
    return null;
  end if;
  return int8range(
    (v_whole || rpad(v_decimals, 2, '0'))::bigint, (v_whole || rpad(v_decimals, 2, '9'))::bigint,
    '[]');
end;
$$;
comment on function rubis.typed_amount(text) is
  'The amounts that a typed text may mean, in hundredths; null if it is no amount.';
