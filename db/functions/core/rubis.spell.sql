create or replace function rubis.spell()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Keep the texts that identify as they were typed, in Unicode's normal form C, for every role.
-- The triggers ask first, so that the usual row pays nothing.
--   Called by  triggers app_user_10_spell, client_10_spell, invoice_10_spell, relance_plan_10_spell
declare
  v_column text;
  v_changes jsonb := jsonb_build_object();
begin
  foreach v_column in array tg_argv loop
    v_changes := v_changes
      || jsonb_build_object(v_column, normalize(to_jsonb(new) ->> v_column, nfc));
  end loop;
  return jsonb_populate_record(new, v_changes);
end;
$$;
comment on function rubis.spell() is 'Trigger: the columns that it is given, in NFC.';
