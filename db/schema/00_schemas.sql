-- One schema per audience. rubis itself was made by pgmigrate, which keeps its list of applied
-- migrations there. rubis.clock() exists already: migrations.yml runs its file before the first
-- migration, since defaults call it.

create schema if not exists rubis;
comment on schema rubis is 'Tables and internal functions. Only the owner has a privilege here.';

create schema api;
comment on schema api is 'What the HTTP API may call: token-first functions, granted to rubis_api.';

create schema worker;
comment on schema worker is 'What the worker may call, granted to rubis_worker.';

create schema audit;
comment on schema audit is
  'Views for DBAs, granted to rubis_auditor. audit.rule_* '
  'must be empty; docs/dba.md walks through all of them.';

create type rubis.actor as (organization_id bigint, user_id bigint);
comment on type rubis.actor is 'Who calls: what rubis.require_actor finds behind an access token.';

create type rubis.verdict as (
  verdict text, reason text, until timestamptz, asks_at timestamptz
);
comment on type rubis.verdict is
  'Whether a relance may leave: leave; wait, until a known moment; hold, until someone acts. With '
  'the reason. asks_at: the owner must be asked again then, and the relance waits for it.';

create type rubis.word as (
  is_live boolean, word_at timestamptz, said_at timestamptz, closes_at timestamptz,
  is_elsewhere boolean, doubted_at timestamptz
);
comment on type rubis.word is
  'What the owner last said of an invoice. is_live: the question is under way. word_at: when it '
  'was mailed, or answered in the app. said_at: when it was answered, else word_at. closes_at: '
  'when no link can answer any more. is_elsewhere: the owner has another address now. '
  'doubted_at: an answer was taken back, and none has followed.';

create type rubis.checkin_link as (
  organization_id bigint, invoice_id bigint, checkin_task_id bigint,
  mail_id bigint, attempt smallint, position smallint, mail_kind text,
  to_address text, mailed_at timestamptz, answered_at timestamptz
);
comment on type rubis.checkin_link is
  'What rubis.find_link finds behind a token: the item of a mail that carried it; answered_at if '
  'it is a receipt''s, which confirms one answer.';

create type rubis.failure_outcome as (status text, cancel_reason text, event_kind text);
comment on type rubis.failure_outcome is
  'What becomes of a relance whose letter failed, and the event that tells it, if any.';
