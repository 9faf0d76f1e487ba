create or replace function rubis.fill_app_user()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Mark a changed address as not proven, unless the statement itself sets email_proven_at. What
-- waited for the proof of the address before, or rests on a question mailed to it, is looked at
-- again: the new one had no mail yet. What waited for an address that is proven now is let go by
-- the next tick.
--   Called by  trigger app_user_10_fill, before update of email, email_proven_at
begin
  if rubis.key(new.email) <> rubis.key(old.email) then
    if new.email_proven_at is not distinct from old.email_proven_at then
      new.email_proven_at := null;
    end if;
    new.release_due := true;
    new.release_from := 0;
  elsif new.email_proven_at is not null and old.email_proven_at is null then
    new.release_due := true;
    new.release_from := 0;
  end if;
  return new;
end;
$$;
comment on function rubis.fill_app_user() is 'Trigger: a changed address of a user is not proven.';
