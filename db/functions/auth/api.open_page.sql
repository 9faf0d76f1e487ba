create or replace function api.open_page(
  p_access_token_hash bytea, p_device text default null, p_address text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- What surrounds every page of the web app: who is signed in, the organization, the moment, and
-- what has just happened, which is said once. A web session slides: it lasts as long again from
-- now, and notes by what and from where it is used. It is written once an hour at most, or when
-- there is something to say.
--   Called by  app/web/visit.py
--   Writes     access_token
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_session rubis.access_token;
  v_slides boolean;
begin
  select t.* into strict v_session from rubis.access_token as t
   where t.organization_id = v_actor.organization_id and t.token_hash = p_access_token_hash;
  v_slides := v_session.kind = 'web' and v_session.seen_at <= rubis.clock() - interval '1 hour';
  if v_slides or v_session.message is not null then
    update rubis.access_token as t
       set message = null,
           seen_at = case when v_slides then rubis.clock() else t.seen_at end,
           device = case when v_slides then coalesce(p_device, t.device) else t.device end,
           address = case when v_slides then coalesce(p_address, t.address) else t.address end,
           expires_at = case when v_slides then rubis.clock() + (t.expires_at - t.seen_at)
                             else t.expires_at end
     where t.organization_id = v_actor.organization_id
       and t.access_token_id = v_session.access_token_id;
  end if;
  return rubis.session_document(v_actor) || jsonb_build_object(
    'now', rubis.clock(), 'message', v_session.message, 'slides', v_slides,
    -- Looked up from the questions, which are few, and not from one's own invoices, which are many.
    'waiting', (
      select count(*) from rubis.checkin_task as t
       where t.organization_id = v_actor.organization_id and t.status = 'sent'
         and t.expires_at > rubis.clock()
         and v_actor.user_id = (
           select i.user_id from rubis.invoice as i
            where i.organization_id = t.organization_id and i.invoice_id = t.invoice_id)));
end;
$$;
comment on function api.open_page(bytea, text, text) is
  'The frame of a page: {user, organization, now, message, slides, waiting}; slides: the web '
  'session lasts as long again from now; waiting: questions that wait for one''s answer. RB401.';
