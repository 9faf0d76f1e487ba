create or replace function api.preview_letters(
  p_access_token_hash bytea, p_invoice_id bigint, p_tone text, p_locale text, p_wording jsonb
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- The facts of a letter about one invoice as if it left now, or on the day after the due date if
-- that is ahead: in this tone, or in all three. Without an invoice it is the newest open one, or
-- else a sample. p_locale: null is the client's. p_wording: {opening, request} instead of the kept
-- words, each null for ours; null is the kept words.
--   Called by  app/api/routes/letter_wordings.py
--   Raises     RB401, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_invoice_id bigint := rubis.example_invoice_id(v_actor.organization_id, p_invoice_id);
  v_tone text;
  v_relances jsonb;
  v_matters jsonb;
  v_at timestamptz;
  v_letter jsonb;
  v_letters jsonb := jsonb '[]';
begin
  perform rubis.check_wording('opening', p_wording ->> 'opening');
  perform rubis.check_wording('request', p_wording ->> 'request');
  foreach v_tone in array case when p_tone is null
    then array['courteous', 'firm', 'formal_notice'] else array[p_tone] end
  loop
    v_relances := jsonb_build_array(jsonb_build_object(
      'relance_id', null, 'invoice_id', v_invoice_id, 'step', 1, 'tone', v_tone));
    v_matters := case when v_invoice_id is null
      then rubis.sample_matters(v_actor.organization_id, v_actor.user_id, v_relances)
      else rubis.letter_matters(v_actor.organization_id, v_relances) end;
    select greatest(
             rubis.clock(),
             ((v_matters #>> '{0,due_on}')::date + 1)::timestamp at time zone o.time_zone)
      into strict v_at
      from rubis.organization as o where o.organization_id = v_actor.organization_id;
    v_letter := rubis.letter_facts(v_actor.organization_id, v_matters, v_at);
    v_letter := v_letter || jsonb_build_object(
      'locale', coalesce(p_locale, v_letter ->> 'locale'),
      'wording', coalesce(p_wording, rubis.find_wording(
        v_actor.organization_id, v_tone, coalesce(p_locale, v_letter ->> 'locale'))));
    v_letters := v_letters || v_letter;
  end loop;
  return jsonb_build_object('invoice_id', v_invoice_id, 'items', v_letters);
end;
$$;
comment on function api.preview_letters(bytea, bigint, text, text, jsonb) is
  'The letters of a tone, or of all, about one invoice as if they left now: {invoice_id: null for '
  'a sample, items: their facts}. RB401, RB422.';
