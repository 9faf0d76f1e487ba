create or replace function rubis.withdraw_relances(
  p_mail rubis.mail, out relance_ids bigint[], out reason text
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Leave out of a letter, about to be handed over, what may no longer be said, or to another
-- address. The caller holds the letter and all that it carries.
--   Called by  worker.confirm_letter
--   Writes     mail_item; relance by rubis.fail_relance
declare
  v_item record;
begin
  relance_ids := '{}';
  for v_item in
    select x.position, r as relance, rubis.relance_verdict(
             x.organization_id, x.invoice_id, rubis.clock(),
             p_but_mail_id => p_mail.mail_id) as verdict,
           rubis.key(c.email) = p_mail.address_key
           and rubis.is_same_client(x.organization_id, i.client_id, r.client_id) as same_address
      from rubis.mail_item as x
      join rubis.relance as r
        on r.organization_id = x.organization_id and r.relance_id = x.relance_id
      join rubis.invoice as i
        on i.organization_id = x.organization_id and i.invoice_id = x.invoice_id
      join rubis.client as c
        on c.organization_id = i.organization_id
       and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
     where x.organization_id = p_mail.organization_id and x.mail_id = p_mail.mail_id
       and x.attempt = p_mail.attempts and x.withdrawn_at is null
     order by x.position
  loop
    if (v_item.relance).status = 'sending' and (v_item.verdict).verdict = 'leave'
      and v_item.same_address then
      relance_ids := relance_ids || (v_item.relance).relance_id::bigint;
      continue;
    end if;
    reason := case
      when (v_item.relance).status <> 'sending' then 'relance is ' || (v_item.relance).status
      when (v_item.verdict).verdict <> 'leave' then (v_item.verdict).reason
      else 'the address changed' end;
    update rubis.mail_item as x
       set withdrawn_at = rubis.clock()
     where x.organization_id = p_mail.organization_id and x.mail_id = p_mail.mail_id
       and x.attempt = p_mail.attempts and x.position = v_item.position;
    if (v_item.relance).status = 'sending' then
      perform rubis.fail_relance(
        v_item.relance, p_mail.mail_id, p_mail.attempts::smallint, 'withdrawn', rubis.clock());
    end if;
  end loop;
end;
$$;
comment on function rubis.withdraw_relances(rubis.mail) is
  'Leave out of a letter what may no longer be said: the relance_ids that still may, and the last '
  'reason why one may not.';
