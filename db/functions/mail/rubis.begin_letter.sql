create or replace function rubis.begin_letter(p_mail rubis.mail, p_message_id text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Begin a letter: judge again, under lock, every relance that is due for the address; those that
-- may leave go in it, the oldest first. A client that has another address by now is left out. A
-- formal notice goes alone and first, and the rest joins the next letter. If one of the invoices is
-- locked, all wait, so that no letter follows for it.
--   Called by  rubis.begin_mail
--   Writes     mail, mail_attempt, mail_item, relance; checkin_task by rubis.judge_relance
declare
  v_organization_id bigint := p_mail.organization_id;
  v_client_ids bigint[] := rubis.clients_reached(
    v_organization_id, '{}', array[p_mail.address_key]);
  v_invoice_ids bigint[];
  v_relance rubis.relance;
  v_relance_ids bigint[] := '{}'::bigint[];
  v_letter jsonb;
  v_attempt smallint;
begin
  v_invoice_ids := rubis.list_letter(v_organization_id, v_client_ids);
  if cardinality(v_invoice_ids) = 0 then
    return jsonb_build_object('skip_reason', 'no relance is due', 'is_locked', false);
  elsif not rubis.lock_letter(v_organization_id, v_client_ids, v_invoice_ids, false) then
    return jsonb_build_object('skip_reason', 'an invoice is locked', 'is_locked', true);
  end if;
  for v_relance in
    select r.* from rubis.relance as r
      join rubis.invoice as i
        on i.organization_id = r.organization_id and i.invoice_id = r.invoice_id
      join rubis.client as c
        on c.organization_id = i.organization_id
       and c.client_id = rubis.live_client_id(i.organization_id, i.client_id)
     where r.organization_id = v_organization_id and r.invoice_id = any (v_invoice_ids)
       and rubis.key(c.email) = p_mail.address_key
       and r.status = 'scheduled' and r.scheduled_at <= rubis.clock()
     order by r.tone <> 'formal_notice', i.due_on, r.relance_id
       for no key update of r
  loop
    continue when (rubis.judge_relance(v_relance)).verdict <> 'leave';
    v_relance_ids := v_relance_ids || v_relance.relance_id::bigint;
    exit when v_relance.tone = 'formal_notice';
  end loop;
  if cardinality(v_relance_ids) = 0 then
    return jsonb_build_object('skip_reason', 'no relance may leave', 'is_locked', false);
  end if;
  v_letter := rubis.relance_letter(v_organization_id, v_relance_ids);
  v_attempt := rubis.begin_attempt(p_mail, v_letter ->> 'to_address', p_message_id);
  if v_attempt is null then
    return jsonb_build_object('skip_reason', 'mail is no longer queued', 'is_locked', true);
  end if;
  perform rubis.carry_relances(v_organization_id, p_mail.mail_id, v_attempt, v_letter);
  return v_letter || jsonb_build_object(
    'kind', 'letter', 'attempt', v_attempt, 'message_id', p_message_id);
end;
$$;
comment on function rubis.begin_letter(rubis.mail, text) is
  'Begin a letter of all relances that may leave to an address: its facts, or {skip_reason, '
  'is_locked}.';
