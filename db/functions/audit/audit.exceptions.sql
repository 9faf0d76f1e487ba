-- What the rules let pass, each with its reason. docs/dba.md has the same list, and a test compares them.

create view audit.exceptions as
select x.rule, x.object, x.reason
from (values
  ('rule_tenant_first', 'app_user__email', 'sign-in by e-mail comes before the organization is known'),
  ('rule_tenant_first', 'access_token__token_hash', 'the hash is looked up before the organization is known'),
  ('rule_tenant_first', 'refresh_token__token_hash', 'the hash is looked up before the organization is known'),
  ('rule_tenant_first', 'checkin_mail__token_hash', 'a click knows only the token'),
  ('rule_tenant_first', 'access_token__expires_at', 'expired tokens of all organizations are pruned at once'),
  ('rule_tenant_first', 'refresh_token__expires_at', 'expired tokens of all organizations are pruned at once'),
  ('rule_tenant_first', 'checkin_task__due', 'a tick looks for what is due in all organizations at once'),
  ('rule_tenant_first', 'checkin_task__leased', 'a tick looks for leases that ran out in all organizations at once'),
  ('rule_tenant_first', 'checkin_task__expiring', 'a tick looks for links that ran out in all organizations at once'),
  ('rule_tenant_first', 'relance__due', 'a tick looks for what is due in all organizations at once'),
  ('rule_tenant_first', 'public_holiday', 'reference data, the same for all organizations'),
  ('rule_tenant_first', 'holiday_year', 'reference data, the same for all organizations'),
  ('rule_tenant_first', 'outage', 'about the workers and the mail, which serve all organizations'),
  ('rule_tenant_first', 'relance__leased', 'a tick looks for leases that ran out in all organizations at once'),
  ('rule_tenant_first', 'relance__waiting', '/metrics counts what waits for somebody in all organizations at once'),
  ('rule_tenant_first', 'relance_mail__failed_at', 'readiness asks whether mail leaves, of all organizations at once'),
  ('rule_tenant_first', 'relance_mail__accepted_at', 'readiness asks whether mail leaves, of all organizations at once'),
  ('rule_tenant_first', 'user_mail__due', 'a tick looks for what is due in all organizations at once'),
  ('rule_tenant_first', 'user_mail__leased', 'a tick looks for leases that ran out in all organizations at once'),
  ('rule_tenant_first', 'user_mail_attempt__token_hash', 'a click knows only the token'),
  ('rule_tenant_first', 'checkin_mail__failed_at', 'readiness asks whether mail leaves, of all organizations at once'),
  ('rule_tenant_first', 'checkin_mail__accepted_at', 'readiness asks whether mail leaves, of all organizations at once'),
  ('rule_tenant_first', 'state_transition', 'reference data, the same for all organizations'),
  ('rule_tenant_first', 'deployment', 'about the database, not a tenant'),
  ('rule_tenant_first', 'worker_heartbeat', 'about the workers, which serve all organizations'),
  ('rule_tenant_first', 'schema_version', 'pgmigrate''s own table'),
  ('rule_commented', 'schema_version', 'pgmigrate''s own table'),
  ('rule_commented', 'schema_version_type', 'pgmigrate''s own type'),
  ('rule_definer', 'rubis.relance_outlook', 'views of audit call it, and their reader has no privilege on tables'),
  ('rule_definer', 'rubis.relance_verdict', 'views of audit call it, and their reader has no privilege on tables'),
  ('rule_lock_strength', 'rubis.invoice_effects', 'share on the organization: against a change of its zone only'),
  ('rule_lock_strength', 'worker.prune_tokens', 'locks the rows it deletes, which takes this lock anyway'),
  ('rule_token_first', 'api.register', 'public: makes the first token'),
  ('rule_token_first', 'api.find_credentials', 'public: signing in'),
  ('rule_token_first', 'api.login', 'public: signing in'),
  ('rule_token_first', 'api.refresh_session', 'public: the refresh token is the right'),
  ('rule_token_first', 'api.logout', 'public: the refresh token is the right'),
  ('rule_token_first', 'api.answer_checkin', 'public: the token in the mail is the right'),
  ('rule_token_first', 'api.prove_email', 'public: the token in the mail is the right'),
  ('rule_token_first', 'api.measure_flow', 'public: names nobody'),
  ('rule_token_first', 'api.readiness', 'public: names nobody'),
  ('rule_search_path', 'rubis.defer_jobs', 'Procrastinate''s functions name its tables without a schema'),
  ('rule_search_path', 'rubis.drop_stalled_jobs', 'Procrastinate''s functions name its tables without a schema')
) as x (rule, object, reason)
order by x.rule, x.object;

comment on view audit.exceptions is 'What the audit rules let pass, each with its reason.';
