create or replace function rubis.note_mail_outage()
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- When mail is accepted again after ten minutes or more of operator failures, tell the users whose
-- mails were late. It looks at the last failure that an acceptance has followed, so a newer failure
-- does not hide the outage before it; of the last week only, for what was accepted long ago may be
-- forgotten by now.
--   Called by  worker.due_organizations
--   Writes     outage, mail
declare
  v_accepted_at timestamptz := rubis.mail_accepted_before('infinity');
  v_failed_at timestamptz := (
    select max(a.failed_at) from rubis.mail_attempt as a
     where a.failure_class = 'operator' and a.failed_at < v_accepted_at
       and a.failed_at > rubis.clock() - interval '7 days');
  v_began_at timestamptz;
  v_ended_at timestamptz;
begin
  if v_failed_at is null or v_failed_at <= coalesce(
      (select max(o.ended_at) from rubis.outage as o where o.kind = 'mail'), '-infinity') then
    return;
  end if;
  v_ended_at := rubis.mail_accepted_after(v_failed_at);
  select min(f.failed_at) into v_began_at
    from rubis.operator_failure as f
   where f.failed_at > coalesce(rubis.mail_accepted_before(v_failed_at), '-infinity')
     and f.failed_at <= v_failed_at;
  if v_ended_at < v_began_at + interval '10 minutes' then
    return;
  end if;
  insert into rubis.outage (kind, began_at, ended_at) values ('mail', v_began_at, v_ended_at)
  on conflict (kind, began_at) do nothing;
  if found then
    perform rubis.tell_late(v_began_at, v_ended_at, array(
      select distinct row(f.organization_id, f.invoice_id)::rubis.late_invoice
        from rubis.operator_failure as f
       where f.failed_at between v_began_at and v_ended_at and f.invoice_id is not null));
  end if;
end;
$$;
comment on function rubis.note_mail_outage() is
  'Record an outage of the mail that has just ended, if '
  'it lasted ten minutes, and tell the users concerned.';
