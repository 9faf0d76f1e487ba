create or replace function api.count_attempt(
  p_address_key bytea, p_email text, p_rate int, p_period interval
)
returns table (over text, address_next_in interval, email_next_in interval)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Count an attempt by an address, and by an e-mail if there is one: p_rate per p_period of each, in
-- all processes together. Public: it is asked before it is known who calls. An address over its
-- limit uses up no attempt of the e-mail. Spellings that lead to one account are one e-mail, or
-- each would have attempts of its own; only a hash of it is kept.
--   Called by  app/core/limits.py
--   Writes     rate_limit, by rubis.count_attempt
--   Raises     RB422
declare
  v_attempt record;
begin
  if p_address_key is null or coalesce(p_rate, 0) < 1
    or coalesce(p_period, interval '0') not between interval '1 second' and interval '1 day' then
    raise exception using errcode = 'RB422', constraint = 'rate_limit__rate', column = 'rate',
      message = 'an attempt needs a key, a rate above 0 and a period of a second to a day';
  end if;
  v_attempt := rubis.count_attempt(p_address_key, p_rate, p_period);
  address_next_in := v_attempt.next_in;
  if v_attempt.is_over then
    over := 'address';
  elsif p_email is not null then
    v_attempt := rubis.count_attempt(
      sha256(convert_to('sign-in e-mail' || chr(10) || rubis.key(p_email), 'UTF8')),
      p_rate, p_period);
    email_next_in := v_attempt.next_in;
    over := case when v_attempt.is_over then 'email' end;
  end if;
  return next;
end;
$$;
comment on function api.count_attempt(bytea, text, int, interval) is
  'Count an attempt: which of address and e-mail is over the limit, or null, and in how long each '
  'may try again. RB422.';
