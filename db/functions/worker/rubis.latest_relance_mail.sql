create or replace function rubis.latest_relance_mail(p_relance rubis.relance)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
-- The letter of a relance's latest attempt: only its worker may move the relance.
--   Called by  worker.confirm_relance_send, worker.finish_relance_send, rubis.fail_relance,
--              rubis.recover_relances
begin
  return (
    select m.relance_mail_id from rubis.relance_mail as m
     where m.organization_id = p_relance.organization_id and m.relance_id = p_relance.relance_id
     order by m.relance_mail_id desc limit 1);
end;
$$;
comment on function rubis.latest_relance_mail(rubis.relance) is
  'relance_mail_id of the latest attempt; null if none.';
