create or replace function rubis.check_fields(
  p_changes jsonb, p_required text[], p_nullable text[] default '{}'
)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Refuse changes to fields that cannot be changed, and nulls where a value is needed.
--   Called by  the api.update_* functions
--   Raises     RB422, naming the field
declare
  v_field text;
begin
  if jsonb_typeof(p_changes) is distinct from 'object' then
    raise exception using errcode = 'RB422', constraint = 'changes__object',
      message = 'changes must be a JSON object';
  end if;
  select k.field into v_field from jsonb_object_keys(p_changes) as k (field)
   where k.field <> all (p_required || p_nullable) limit 1;
  if found then
    raise exception using errcode = 'RB422', constraint = 'changes__unknown_field',
      column = v_field,
      message = format('%s is not a field that can be changed', v_field),
      hint = format('fields that can be: %s', array_to_string(p_required || p_nullable, ', '));
  end if;
  select e.field into v_field from jsonb_each(p_changes) as e (field, value)
   where jsonb_typeof(e.value) = 'null' and e.field = any (p_required) limit 1;
  if found then
    raise exception using errcode = 'RB422', constraint = 'changes__null', column = v_field,
      message = format('%s needs a value', v_field);
  end if;
end;
$$;
comment on function rubis.check_fields(jsonb, text[], text[]) is
  'Refuse unknown fields in a JSON object of changes, and nulls outside p_nullable. RB422.';
