-- When nothing left, so that the users concerned are told once it is over.

create table rubis.outage (
  outage_id bigint generated always as identity,
  kind rubis.outage_kind not null,
  began_at rubis.moment not null,
  ended_at rubis.moment not null,
  constraint outage__pkey primary key (outage_id),
  constraint outage__once unique (kind, began_at),
  constraint outage__length check (ended_at > began_at)
);
create index outage__ended_at on rubis.outage (kind, ended_at);
comment on table rubis.outage is
  'Ten minutes or more without ticks, or in which '
  'mail failed for operator reasons; known when over.';

create type rubis.late_invoice as (organization_id bigint, invoice_id bigint);
comment on type rubis.late_invoice is 'An invoice whose check-in or relance was late.';

-- All mails that failed for reasons of ours: check-ins, relances, mails to users.
create view rubis.operator_failure as
select m.failed_at, t.organization_id, t.invoice_id
  from rubis.checkin_mail as m
  join rubis.checkin_task as t
    on t.organization_id = m.organization_id and t.checkin_task_id = m.checkin_task_id
 where m.failure_class = 'operator'
 union all
select m.failed_at, m.organization_id, m.invoice_id
  from rubis.relance_mail as m
 where m.failure_class = 'operator'
 union all
select a.failed_at, a.organization_id, null
  from rubis.user_mail_attempt as a
 where a.failure_class = 'operator';
comment on view rubis.operator_failure is 'Mails of any kind that failed for operator reasons.';
comment on column rubis.operator_failure.invoice_id is
  'The invoice that the check-in or relance is about; null for a mail to a user.';
