create or replace function rubis.decode_place(
  p_cursor text, p_sort text, out after_value bigint, out after_id bigint
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Where the next page of a sorted list starts. No cursor: nulls. One of another order is refused.
--   Called by  rubis.find_invoices, api.list_clients
--   Raises     RB422
declare
  v_parts text[];
begin
  if p_cursor is null then
    return;
  end if;
  v_parts := rubis.cursor_parts(p_cursor);
  after_value := v_parts[2]::bigint;
  after_id := v_parts[3]::bigint;
  if v_parts[1] is distinct from p_sort or after_value is null or after_id is null
    or cardinality(v_parts) <> 3 then
    raise invalid_parameter_value;
  end if;
exception
  when data_exception then
    raise exception using errcode = 'RB422', constraint = 'cursor__form', column = 'cursor',
      message = 'cursor is not one that a list of this order gave';
end;
$$;
comment on function rubis.decode_place(text, text) is
  'Value and id behind the cursor of a sorted list; nulls mean the first page. RB422.';
