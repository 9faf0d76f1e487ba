create or replace function api.update_organization(p_access_token_hash bytea, p_changes jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Change the organization's settings. Its triggers check the time zone and the region, and
-- raise schedule_version.
--   Called by  app/api/routes/organization.py
--   Writes     organization; past_schedule by its triggers
--   Raises     RB401, RB422
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_organization rubis.organization;
  v_constraint text;
begin
  perform rubis.check_fields(
    p_changes,
    array[
      'name', 'locale', 'time_zone', 'checkin_time', 'relance_time', 'country', 'click_mode',
      'contradiction_seconds', 'answer_receipts', 'question_valid_days', 'questions_per_mail',
      'question_mails_per_day', 'client_spacing_days', 'mail_format', 'letter_copies',
      'letters_kept_days', 'terms_days', 'terms_end_of_month'],
    array['holiday_region', 'signature', 'late_penalty_rate', 'siren', 'vat_number']);
  select o.* into v_organization from rubis.organization as o
   where o.organization_id = v_actor.organization_id
     for no key update;
  v_organization := jsonb_populate_record(v_organization, p_changes);
  update rubis.organization as o
     set name = v_organization.name, locale = v_organization.locale,
         time_zone = v_organization.time_zone,
         checkin_time = v_organization.checkin_time, relance_time = v_organization.relance_time,
         country = v_organization.country, holiday_region = v_organization.holiday_region,
         signature = v_organization.signature,
         late_penalty_rate = v_organization.late_penalty_rate,
         click_mode = v_organization.click_mode,
         contradiction_seconds = v_organization.contradiction_seconds,
         answer_receipts = v_organization.answer_receipts,
         question_valid_days = v_organization.question_valid_days,
         questions_per_mail = v_organization.questions_per_mail,
         question_mails_per_day = v_organization.question_mails_per_day,
         client_spacing_days = v_organization.client_spacing_days,
         mail_format = v_organization.mail_format,
         letter_copies = v_organization.letter_copies,
         letters_kept_days = v_organization.letters_kept_days,
         siren = v_organization.siren, vat_number = v_organization.vat_number,
         terms_days = v_organization.terms_days,
         terms_end_of_month = v_organization.terms_end_of_month
   where o.organization_id = v_actor.organization_id;
  return rubis.organization_document(v_actor.organization_id);
exception
  when check_violation then
    get stacked diagnostics v_constraint = constraint_name;
    if v_constraint <> 'organization__vat_number' then
      raise;
    end if;
    raise exception using errcode = 'RB422', constraint = v_constraint,
      column = case when p_changes ? 'vat_number' then 'vat_number' else 'siren' end,
      message = 'vat_number must end in siren: a French VAT number holds the SIREN';
end;
$$;
comment on function api.update_organization(bytea, jsonb) is
  'Change the settings of the organization; returns it. RB401, RB422.';
