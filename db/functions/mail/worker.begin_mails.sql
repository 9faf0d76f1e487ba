create or replace function worker.begin_mails(
  p_mails jsonb, p_message_ids text[], p_token_hashes bytea[]
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Begin one attempt for each mail of a batch, one organization after the other: decide what it
-- carries, record the hashes of its tokens, take its lease. One that fails leaves the others alone;
-- its lease brings it back.
--   Called by  worker/mails.py
--   Writes     what rubis.begin_mail writes
declare
  v_pair record;
  v_begun jsonb;
  v_result jsonb := '[]'::jsonb;
  v_used int := 0;
begin
  for v_pair in
    select (l.pair ->> 0)::bigint as organization_id, (l.pair ->> 1)::bigint as mail_id, l.place
      from jsonb_array_elements(p_mails) with ordinality as l (pair, place)
     order by 1, 2
  loop
    begin
      v_begun := rubis.begin_mail(
        v_pair.organization_id, v_pair.mail_id, p_message_ids[v_pair.place],
        p_token_hashes, v_used);
    exception
      when others then
        v_begun := jsonb_build_object('skip_reason', 'error: ' || sqlstate || ' ' || sqlerrm);
    end;
    v_used := v_used + coalesce(jsonb_array_length(v_begun -> 'items'), 0);
    v_result := v_result || jsonb_build_array(v_begun || jsonb_build_object(
      'organization_id', v_pair.organization_id, 'mail_id', v_pair.mail_id));
  end loop;
  return v_result;
end;
$$;
comment on function worker.begin_mails(jsonb, text[], bytea[]) is
  'Begin an attempt for each of [[organization_id, mail_id], ...], in key order: what each says, '
  'or its skip_reason. An item''s token is the place of its hash in p_token_hashes.';
