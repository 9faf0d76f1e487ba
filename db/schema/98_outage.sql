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

-- All mails that failed for reasons of ours.
create view rubis.operator_failure as
select a.failed_at, a.organization_id, x.invoice_id
  from rubis.mail_attempt as a
  left join rubis.mail_item as x
    on x.organization_id = a.organization_id and x.mail_id = a.mail_id and x.attempt = a.attempt
 where a.failure_class = 'operator';
comment on view rubis.operator_failure is
  'What mails of any kind said that failed for operator reasons.';
comment on column rubis.operator_failure.invoice_id is
  'The invoice that the item is about; null if it is about none.';
