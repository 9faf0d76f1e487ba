create or replace function rubis.draft_faults(p_draft jsonb)
returns table (place bigint, reason text, field text, message text)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Find what is wrong with one draft, field by field; null is always right. The rules are those of
-- the columns of import_draft and of the dates of invoice. Whether one date fits the other is
-- checked when the draft is validated.
--   Called by  rubis.check_drafts
  with given as (
    select e.field, jsonb_typeof(e.value) as kind, e.value #>> '{}' as text, k.place
      from jsonb_each(case jsonb_typeof(p_draft) when 'object' then p_draft else '{}' end)
        as e (field, value)
      left join unnest(array[
        'number', 'client_name', 'client_email', 'issued_on', 'due_on', 'amount_cents', 'currency'
      ]) with ordinality as k (field, place) on k.field = e.field
  ), judged as (
    select g.place, g.field, case
      when g.place is null then 'is not a field of a draft'
      when g.kind = 'null' then null
      when g.kind <> case g.field when 'amount_cents' then 'number' else 'string' end
        then 'must be a ' || case g.field when 'amount_cents' then 'number' else 'text' end
      when g.field in ('number', 'client_name') and (
        g.text <> btrim(g.text) or length(g.text) not between 1 and 200
        or g.text ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]')
        then 'must be one line of 1 to 200 characters, without spaces around it'
      when g.field = 'client_email' and (
        g.text !~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' or length(g.text) > 254)
        then 'must be an e-mail address'
      when g.field in ('issued_on', 'due_on')
        and coalesce(rubis.read_date(g.text) not between '1970-01-01' and '2999-12-31', true)
        then 'must be a date such as 2026-11-30'
      when g.field = 'amount_cents' and g.text !~ '^([1-9][0-9]{0,11}|1000000000000)$'
        then 'must be a whole number between 1 and 1000000000000'
      when g.field = 'currency' and g.text !~ '^[A-Z]{3}$'
        then 'must be an ISO 4217 code such as EUR'
      end as message
      from given as g
  )
  select 0, 'object', null, 'must be a JSON object' where jsonb_typeof(p_draft) <> 'object'
  union all
  select coalesce(j.place, 8), case when j.place is null then 'unknown_field' else j.field end,
         j.field, j.message
    from judged as j
   where j.message is not null;
$$;
comment on function rubis.draft_faults(jsonb) is
  'The faults of one draft given as JSON: place to order by, reason, field, message; no row if it '
  'can be kept.';
