create or replace function rubis.draft_faults(p_draft jsonb)
returns table (place bigint, reason text, field text, message text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- Find what is wrong with one draft, field by field; null is always right. What a value may be is
-- asked of the columns of import_draft; here is what JSON leaves open: that an amount is a number,
-- and that a date is in the form YYYY-MM-DD, for a date column would also take today. Whether one
-- date fits the other is checked when the draft is validated.
--   Called by  rubis.check_drafts
  with known (place, field, kind, form, message) as (
    values
      (1, 'number', 'string', '',
       'must be one line of text, not too long, without spaces around it, @, :// or www.'),
      (2, 'client_name', 'string', '',
       'must be one line of text, not too long, without spaces around it, @, :// or www.'),
      (3, 'client_email', 'string', '', 'must be an e-mail address'),
      (4, 'issued_on', 'string', '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
       'must be a date such as 2026-11-30'),
      (5, 'due_on', 'string', '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
       'must be a date such as 2026-11-30'),
      (6, 'amount_cents', 'number', '',
       'must be a whole number of cents, above zero and not too large'),
      (7, 'currency', 'string', '', 'must be an active currency''s ISO 4217 code such as EUR'),
      (8, 'source_row', 'number', '^[1-9][0-9]{0,6}$', 'must be a row''s number, from 1'),
      (9, 'faults', 'array', '', 'must be a list of at most 20 faults: field, code, text, column')
  )
  select 0, 'object', null, 'must be a JSON object' where jsonb_typeof(p_draft) <> 'object'
  union all
  select 10, 'unknown_field', g.field, 'is not a field of a draft'
    from jsonb_object_keys(case jsonb_typeof(p_draft) when 'object' then p_draft else '{}' end)
      as g (field)
   where g.field not in (select k.field from known as k)
  union all
  select k.place, k.field, k.field, k.message
    from known as k
   where p_draft -> k.field <> 'null'
     and (
       jsonb_typeof(p_draft -> k.field) <> k.kind
       or p_draft ->> k.field !~ k.form
       or not rubis.fits_draft(k.field, p_draft -> k.field));
$$;
comment on function rubis.draft_faults(jsonb) is
  'The faults of one draft given as JSON: place to order by, reason, field, message; no row if it '
  'can be kept.';
