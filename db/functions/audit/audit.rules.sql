-- Every audit.rule_* must be here; tests/rules sees to it.

create view audit.rules as
select r.rule, r.violations, obj_description(to_regclass('audit.' || r.rule), 'pg_class') as what
from (
  select 'rule_answer_paid_settles' as rule, count(*) as violations from audit.rule_answer_paid_settles
  union all
  select 'rule_append_only', count(*) from audit.rule_append_only
  union all
  select 'rule_commented', count(*) from audit.rule_commented
  union all
  select 'rule_definer', count(*) from audit.rule_definer
  union all
  select 'rule_draft_validated_once', count(*) from audit.rule_draft_validated_once
  union all
  select 'rule_foreign_key_index', count(*) from audit.rule_foreign_key_index
  union all
  select 'rule_function_callers', count(*) from audit.rule_function_callers
  union all
  select 'rule_function_card', count(*) from audit.rule_function_card
  union all
  select 'rule_function_length', count(*) from audit.rule_function_length
  union all
  select 'rule_held_relance_waits', count(*) from audit.rule_held_relance_waits
  union all
  select 'rule_letter_moves_relance', count(*) from audit.rule_letter_moves_relance
  union all
  select 'rule_live_task_invoice_open', count(*) from audit.rule_live_task_invoice_open
  union all
  select 'rule_lock_strength', count(*) from audit.rule_lock_strength
  union all
  select 'rule_mail_moves_task', count(*) from audit.rule_mail_moves_task
  union all
  select 'rule_no_secrets_shown', count(*) from audit.rule_no_secrets_shown
  union all
  select 'rule_one_clock', count(*) from audit.rule_one_clock
  union all
  select 'rule_one_live_task', count(*) from audit.rule_one_live_task
  union all
  select 'rule_open_invoice_asked', count(*) from audit.rule_open_invoice_asked
  union all
  select 'rule_owner', count(*) from audit.rule_owner
  union all
  select 'rule_paid_by_a_click', count(*) from audit.rule_paid_by_a_click
  union all
  select 'rule_paid_invoice_has_event', count(*) from audit.rule_paid_invoice_has_event
  union all
  select 'rule_public_has_nothing', count(*) from audit.rule_public_has_nothing
  union all
  select 'rule_relance_ahead_invoice_open', count(*) from audit.rule_relance_ahead_invoice_open
  union all
  select 'rule_relance_owner_asked', count(*) from audit.rule_relance_owner_asked
  union all
  select 'rule_relance_spacing', count(*) from audit.rule_relance_spacing
  union all
  select 'rule_relance_step_once', count(*) from audit.rule_relance_step_once
  union all
  select 'rule_role_privileges', count(*) from audit.rule_role_privileges
  union all
  select 'rule_rubis_match_events', count(*) from audit.rule_rubis_match_events
  union all
  select 'rule_search_path', count(*) from audit.rule_search_path
  union all
  select 'rule_status_guarded', count(*) from audit.rule_status_guarded
  union all
  select 'rule_status_mapped', count(*) from audit.rule_status_mapped
  union all
  select 'rule_tenant_first', count(*) from audit.rule_tenant_first
  union all
  select 'rule_tenant_fixed', count(*) from audit.rule_tenant_fixed
  union all
  select 'rule_token_first', count(*) from audit.rule_token_first
) as r
order by r.violations = 0, r.rule;

comment on view audit.rules is
  'Every rule with how many rows violate it: all must be 0. Select from one that is not for its remedies. Reads whole tables.';
