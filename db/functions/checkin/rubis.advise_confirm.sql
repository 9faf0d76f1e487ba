create or replace function rubis.advise_confirm(p_organization_id bigint, p_user_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Recommend click_mode confirm to the user, once, when two mails were contradicted: a program
-- reads this organization's mail and follows its links. The advisory lock keeps two contradictions
-- at a time from counting only one each; it is taken after those on invoice and check-in.
--   Called by  rubis.contradict_answer
--   Writes     mail
begin
  perform pg_advisory_xact_lock(hashtextextended('rubis.advise_confirm', p_organization_id));
  if rubis.suits_confirm(p_organization_id) then
    perform rubis.add_notice(p_organization_id, p_user_id, 'click_mode_advice');
  end if;
end;
$$;
comment on function rubis.advise_confirm(bigint, bigint) is
  'Mail the user, once in an organization''s life, that click_mode confirm suits its mail system.';
