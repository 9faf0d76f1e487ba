create or replace function api.show_today(p_access_token_hash bytea)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- Of all that this calls, which is much, each statement is planned once and not at every visit.
set plan_cache_mode = force_generic_plan
as $$
-- All that the page Today shows: the questions that wait for the signed-in user, what is held and
-- what frees it, what comes next, pauses that end within 14 days, letters to decide about, and the
-- money. Each list shows at most 20 and counts all. `start` is what a page with nothing to do
-- says.
--   Called by  app/api/routes/today.py
--   Writes     by rubis.plan_coming what is outdated
--   Raises     RB401
declare
  v_actor rubis.actor := rubis.require_actor(p_access_token_hash);
  v_next jsonb;
begin
  perform rubis.plan_coming(v_actor.organization_id);
  v_next := rubis.coming_steps(v_actor.organization_id, v_actor.user_id, 20);
  return jsonb_build_object(
    'questions', rubis.waiting_questions(v_actor.organization_id, v_actor.user_id, 20),
    'held', rubis.held_letters(v_actor.organization_id, 20),
    'next', v_next,
    'promises', rubis.ending_pauses(v_actor.organization_id, 14, 20),
    'undecided', rubis.undecided_letters(v_actor.organization_id, 20),
    'money', rubis.today_money(v_actor.organization_id),
    'start', (
      select jsonb_build_object(
          'address', u.email, 'address_proven', u.email_proven_at is not null,
          -- In an order, so that they are not searched for in all the table if there are none.
          'has_invoices', coalesce((
            select true from rubis.invoice as i
             where i.organization_id = u.organization_id and not i.is_sample
             order by i.created_at limit 1), false),
          'sample', (
            select jsonb_build_object('invoice_id', i.invoice_id, 'status', i.status)
              from rubis.invoice as i
             where i.organization_id = u.organization_id and i.is_sample and i.removed_at is null
             order by i.invoice_id limit 1),
          'sample_asked', exists (
            select from rubis.invoice as i
             where i.organization_id = u.organization_id and i.is_sample),
          'next_at', v_next -> 0 -> 'at')
        from rubis.app_user as u
       where u.organization_id = v_actor.organization_id and u.user_id = v_actor.user_id));
end;
$$;
comment on function api.show_today(bytea) is
  'What the page Today shows: {questions, held, next, promises, undecided, money, start}. RB401.';
