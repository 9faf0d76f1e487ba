create or replace function rubis.page_buttons(
  p_link rubis.checkin_link, p_task rubis.checkin_task, p_invoice rubis.invoice, p_standing text
)
returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
-- List the buttons of a check-in's page. A receipt only undoes, and only the answer it confirms.
-- Once paid was clicked without counting both answers decide, however old the question is.
--   Called by  api.look_at_checkin
  select case when u.may then array['undo'] else array[]::text[] end || case
    when p_link.answered_at is not null then array[]::text[]
    when rubis.said_paid(p_invoice) then array['paid', 'pending']
    when u.may then array[case p_task.answer when 'paid' then 'pending' else 'paid' end]
    when p_standing = 'open' then array['paid', 'pending']
    when p_standing = 'expired' then array['paid']
    else array[]::text[] end
    from (
      select rubis.answer_stands(p_task, p_invoice)
        and (p_link.answered_at is null or p_link.answered_at = p_task.answered_at)) as u (may);
$$;
comment on function rubis.page_buttons(
  rubis.checkin_link, rubis.checkin_task, rubis.invoice, text) is
  'The buttons that the holder of a token has on a check-in''s page: undo, paid, pending.';
