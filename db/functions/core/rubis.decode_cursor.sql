create or replace function rubis.decode_cursor(
  p_cursor text, out before_at timestamptz, out before_id bigint
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- Where the next page starts; newest first, so no cursor means before the end of time.
--   Called by  the api.list_* functions
--   Raises     RB422
declare
  v_parts text[];
begin
  if p_cursor is null then
    before_at := 'infinity';
    before_id := 9223372036854775807;
    return;
  end if;
  v_parts := rubis.cursor_parts(p_cursor);
  before_at := 'epoch'::timestamptz + v_parts[1]::bigint * interval '1 microsecond';
  before_id := v_parts[2]::bigint;
  if before_at is null or before_id is null or cardinality(v_parts) <> 2 then
    raise invalid_parameter_value;
  end if;
exception
  when data_exception then
    raise exception using errcode = 'RB422', constraint = 'cursor__form', column = 'cursor',
      message = 'cursor is not one that a list gave';
end;
$$;
comment on function rubis.decode_cursor(text) is
  'Time and id behind a page cursor; null means the first page. RB422.';
