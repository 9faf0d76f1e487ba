create or replace function rubis.user_envelope(p_mail rubis.mail)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Whom a mail to a user is for, and how that user reads. One about a change of the address goes to
-- the address it names.
--   Called by  rubis.begin_user_mail
  select jsonb_build_object(
    'kind', p_mail.kind, 'to_address', coalesce(p_mail.data ->> 'to_address', u.email),
    'full_name', u.full_name,
    'organization_name', o.name, 'locale', coalesce(u.locale, o.locale),
    'time_zone', o.time_zone,
    'mail_format', o.mail_format, 'click_mode', o.click_mode, 'data', p_mail.data)
    from rubis.app_user as u
    join rubis.organization as o on o.organization_id = u.organization_id
   where u.organization_id = p_mail.organization_id and u.user_id = p_mail.user_id;
$$;
comment on function rubis.user_envelope(rubis.mail) is
  'The head of a mail to a user: {kind, to_address, full_name, organization_name, locale, '
  'time_zone, mail_format, click_mode, data}.';
