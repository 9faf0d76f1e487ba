create or replace function rubis.organization_document(p_organization_id bigint)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- An organization as the API shows it, with the rubis it has earned.
--   Called by  rubis.session_document, api.update_organization
  select jsonb_build_object(
    'organization_id', o.organization_id,
    'name', o.name,
    'locale', o.locale,
    'time_zone', o.time_zone,
    'checkin_time', to_char(o.checkin_time, 'HH24:MI'),
    'relance_time', to_char(o.relance_time, 'HH24:MI'),
    'country', o.country,
    'holiday_region', o.holiday_region,
    'public_holidays', rubis.holidays_known(
      o.calendar, (rubis.clock() at time zone o.time_zone)::date),
    'signature', o.signature,
    'late_penalty_rate', o.late_penalty_rate,
    'siren', o.siren,
    'vat_number', o.vat_number,
    'terms_days', o.terms_days,
    'terms_end_of_month', o.terms_end_of_month,
    'click_mode', o.click_mode,
    'click_mode_advice', case when rubis.suits_confirm(o.organization_id) then 'confirm' end,
    'contradiction_seconds', o.contradiction_seconds,
    'answer_receipts', o.answer_receipts,
    'question_valid_days', o.question_valid_days,
    'questions_per_mail', o.questions_per_mail,
    'question_mails_per_day', o.question_mails_per_day,
    'client_spacing_days', o.client_spacing_days,
    'mail_format', o.mail_format,
    'letter_copies', o.letter_copies,
    'letters_kept_days', o.letters_kept_days,
    'rubis', (
      select coalesce(sum(e.delta), 0) from rubis.rubis_entry as e
       where e.organization_id = o.organization_id))
    from rubis.organization as o
   where o.organization_id = p_organization_id;
$$;
comment on function rubis.organization_document(bigint) is
  'An organization as JSON: its settings, times as HH:MM, and its rubis.';
