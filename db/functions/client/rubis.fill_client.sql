create or replace function rubis.fill_client()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- End the pause that began because the address was refused when the client gets another address.
-- Another spelling is the same address.
--   Called by  trigger client_10_fill, before update of email
begin
  if rubis.key(new.email) is distinct from rubis.key(old.email)
    and old.pause_reason = 'address refused' then
    new.paused_until := null;
    new.pause_reason := null;
  end if;
  return new;
end;
$$;
comment on function rubis.fill_client() is 'Trigger: a new e-mail ends the pause of a refused one.';
