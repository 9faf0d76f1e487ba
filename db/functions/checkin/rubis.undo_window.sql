create or replace function rubis.undo_window()
returns interval
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Leave enough time to notice an answer that no person gave, by its receipt or by the bank
-- statement.
--   Called by  rubis.answer_stands, api.look_at_checkin
  select interval '14 days';
$$;
comment on function rubis.undo_window() is
  'How long an answer given by mail can be taken back or changed from its page.';
