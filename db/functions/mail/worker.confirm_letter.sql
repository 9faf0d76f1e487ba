create or replace function worker.confirm_letter(
  p_organization_id bigint, p_mail_id bigint, p_attempt int
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Give the last word on a letter whose server is ready to take it: judge its relances again,
-- without this attempt, and return what the letter says now, or why it may not leave. What may no
-- longer be said is left out and judged again by a tick. The lease begins again. The locks are
-- those of rubis.begin_letter; they are not held while the letter leaves.
--   Called by  worker/mails.py
--   Writes     mail, mail_attempt; mail_item and relance by rubis.withdraw_relances
--   Raises     RB404
declare
  v_mail rubis.mail;
  v_invoice_ids bigint[];
  v_left record;
  v_letter jsonb;
begin
  select m.* into v_mail from rubis.mail as m
   where m.organization_id = p_organization_id and m.mail_id = p_mail_id;
  v_invoice_ids := array(
    select x.invoice_id from rubis.mail_item as x
     where x.organization_id = p_organization_id and x.mail_id = p_mail_id
       and x.attempt = p_attempt);
  perform rubis.lock_letter(
    p_organization_id,
    rubis.clients_reached(
      p_organization_id, array[v_mail.client_id], array[v_mail.address_key]),
    v_invoice_ids, true);
  perform from rubis.relance as r
    where r.organization_id = p_organization_id and r.invoice_id = any (v_invoice_ids)
      and r.status = 'sending'
    order by r.relance_id for no key update;
  v_mail := rubis.lock_mail(p_organization_id, p_mail_id);
  if v_mail.status <> 'sending' or v_mail.attempts <> p_attempt then
    return jsonb_build_object('skip_reason', 'mail is ' || v_mail.status);
  end if;
  v_left := rubis.withdraw_relances(v_mail);
  if cardinality(v_left.relance_ids) = 0 then
    return jsonb_build_object('skip_reason', coalesce(v_left.reason, 'nothing is left to say'));
  end if;
  v_letter := rubis.relance_letter(p_organization_id, v_left.relance_ids);
  update rubis.mail_attempt as a
     set last_word_at = coalesce(a.last_word_at, rubis.clock())
   where a.organization_id = p_organization_id and a.mail_id = p_mail_id and a.attempt = p_attempt;
  update rubis.mail as m
     set lease_expires_at = rubis.clock() + rubis.send_lease()
   where m.organization_id = p_organization_id and m.mail_id = p_mail_id;
  return jsonb_build_object('letter', v_letter || jsonb_build_object(
    'kind', 'letter', 'attempt', p_attempt, 'message_id', (
      select a.message_id from rubis.mail_attempt as a
       where a.organization_id = p_organization_id and a.mail_id = p_mail_id
         and a.attempt = p_attempt)));
end;
$$;
comment on function worker.confirm_letter(bigint, bigint, int) is
  'The last word on a letter before it is handed over: {letter}, or {skip_reason}. RB404.';
