create or replace function rubis.check_answer(p_answer text)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
-- Refuse any answer but paid and pending.
--   Called by  api.answer_checkin, api.confirm_checkin, api.answer_invoice_checkin
--   Raises     RB422
begin
  if p_answer is null or p_answer not in ('paid', 'pending') then
    raise exception using errcode = 'RB422', constraint = 'checkin__answer', column = 'answer',
      message = 'answer must be paid or pending';
  end if;
end;
$$;
comment on function rubis.check_answer(text) is 'Refuse any answer but paid and pending. RB422.';
