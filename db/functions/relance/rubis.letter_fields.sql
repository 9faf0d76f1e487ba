create or replace function rubis.letter_fields()
returns text[]
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
-- The fields that a wording of a letter may use. app/mail/wording.py fills them in.
--   Called by  rubis.wording_fault, rubis.check_wording, api.list_letter_wordings
  select array['client', 'organization', 'number', 'amount', 'due_on', 'days_late'];
$$;
comment on function rubis.letter_fields() is
  'The names of the fields that a wording of a letter may use, as in {client}.';
