create or replace function rubis.add_relance_event(
  p_relance rubis.relance, p_kind text, p_label text default null
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Write an activity event about a relance.
--   Called by  rubis.complete_relance, rubis.fail_relance, api.resend_relance
--   Writes     activity_event
begin
  insert into rubis.activity_event (organization_id, kind, label, invoice_id, data)
  values (
    p_relance.organization_id, p_kind, p_label, p_relance.invoice_id,
    jsonb_build_object(
      'relance_id', p_relance.relance_id, 'step', p_relance.step, 'tone', p_relance.tone));
end;
$$;
comment on function rubis.add_relance_event(rubis.relance, text, text) is
  'Write an activity event about a relance, with its step and tone.';
