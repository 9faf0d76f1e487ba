create or replace function rubis.refuse_invoice_delete()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- An invoice stays, with its history and its rubis; one that is withdrawn is cancelled.
--   Called by  trigger invoice_00_refuse_delete
--   Raises     RB409
begin
  raise exception using errcode = 'RB409', constraint = 'invoice__kept',
    message = format('invoice %s (number %s) is never deleted', old.invoice_id, old.number),
    hint = format(
      'cancel it instead: update %s set status = ''cancelled'' '
      'where organization_id = %s and invoice_id = %s',
      tg_relid::regclass, old.organization_id, old.invoice_id);
end;
$$;
comment on function rubis.refuse_invoice_delete() is
  'Trigger: an invoice is not deleted; the hint says how to cancel it. RB409.';
