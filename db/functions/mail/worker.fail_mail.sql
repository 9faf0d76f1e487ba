create or replace function worker.fail_mail(
  p_organization_id bigint, p_mail_id bigint, p_attempt int, p_failure_class text,
  p_failure_detail text, p_subject text default null, p_body text default null
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- A mail was not accepted, was withdrawn, or its fate is unknown. Of a letter of unknown fate the
-- text is kept. A refused letter pauses the client, so the clients of its address are locked first,
-- as audit.lock_order has it.
--   Called by  worker/mails.py
--   Writes     letter_text; what rubis.fail_mail writes
--   Raises     RB404, RB422
declare
  v_mail rubis.mail;
begin
  if p_failure_class is null
    or p_failure_class not in ('temporary', 'refused', 'operator', 'unknown', 'withdrawn') then
    raise exception using errcode = 'RB422', constraint = 'mail_attempt__failure_class',
      column = 'failure_class',
      message = 'failure_class must be temporary, refused, operator, unknown or withdrawn';
  end if;
  select m.* into v_mail from rubis.mail as m
   where m.organization_id = p_organization_id and m.mail_id = p_mail_id;
  if v_mail.kind = 'letter' then
    perform rubis.lock_letter(
      p_organization_id,
      rubis.clients_reached(
        p_organization_id, array[v_mail.client_id], array[v_mail.address_key]),
      '{}', true);
  end if;
  perform rubis.lock_carried(p_organization_id, array[p_mail_id]);
  perform rubis.fail_mail(
    rubis.lock_mail(p_organization_id, p_mail_id), p_attempt::smallint, p_failure_class,
    p_failure_detail);
  if p_failure_class = 'unknown' and v_mail.kind = 'letter' then
    perform rubis.keep_letter(
      p_organization_id, p_mail_id, p_attempt::smallint, p_subject, p_body);
  end if;
end;
$$;
comment on function worker.fail_mail(bigint, bigint, int, text, text, text, text) is
  'Record that an attempt did not leave, or that its fate is unknown: temporary, refused, '
  'operator, unknown or withdrawn, and a detail for people. RB404, RB422.';
